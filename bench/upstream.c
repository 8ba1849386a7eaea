/* The upstream of the benchmark: one thread, epoll, answers made beforehand. It has to be so fast
 * that it is never what is measured.
 *
 * GET /large: 10 MiB. GET /events: a stream that says one thing and stays open. Anything else: 100
 * bytes of JSON, after the request's content (Content-Length only) was read, under a head that is
 * like no other: Date, ETag and X-Request-Id vary, as those of most APIs do. GET /same/: the same,
 * under one head for all.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define LARGE (10 << 20)
#define HELD 65536
#define ITEMS 4096

struct peer {
    int fd;
    size_t held;       /* bytes in `in` */
    long long content; /* bytes of content still to be read */
    const char *out;   /* what of an answer is still to be written */
    size_t left;
    char in[HELD];
};

static char items[ITEMS][512], *large, events[256];
static size_t small_size, large_size, events_size, item;
static int poller;

static void watch(struct peer *peer, int op, unsigned events_wanted) {
    struct epoll_event event = {.events = events_wanted, .data.ptr = peer};
    epoll_ctl(poller, op, peer->fd, &event);
}

static int flush(struct peer *peer) {
    while (peer->left) {
        ssize_t n = write(peer->fd, peer->out, peer->left);
        if (n < 0) {
            if (errno != EAGAIN) return -1;
            watch(peer, EPOLL_CTL_MOD, EPOLLOUT);
            return 1;
        }
        peer->out += n;
        peer->left -= (size_t)n;
    }
    return 0;
}

static void next_item(struct peer *peer) {
    peer->out = items[item++ % ITEMS], peer->left = small_size;
}

static int answer(struct peer *peer) {
    if (!strncmp(peer->in, "GET /large", 10)) peer->out = large, peer->left = large_size;
    else if (!strncmp(peer->in, "GET /events", 11)) peer->out = events, peer->left = events_size;
    else if (!strncmp(peer->in, "GET /same/", 10)) peer->out = items[0], peer->left = small_size;
    else next_item(peer);
    return flush(peer);
}

static long long length_of(const char *head) {
    const char *line = strcasestr(head, "\r\ncontent-length:");
    return line ? atoll(line + 17) : 0;
}

/* Requests in the buffer, one after the other; -1 ends the connection. */
static int serve(struct peer *peer) {
    while (peer->held) {
        if (peer->content) {
            size_t part = peer->held < (size_t)peer->content ? peer->held : (size_t)peer->content;
            memmove(peer->in, peer->in + part, peer->held -= part);
            if ((peer->content -= (long long)part)) return 0;
            strcpy(peer->in + peer->held, "");
            next_item(peer);
            if (flush(peer)) return peer->left ? 1 : -1;
            continue;
        }
        peer->in[peer->held] = 0;
        char *end = strstr(peer->in, "\r\n\r\n");
        if (!end) return peer->held == HELD - 1 ? -1 : 0;
        end[2] = 0;
        long long length = length_of(peer->in);
        int state = length ? 0 : answer(peer);
        peer->content = length;
        size_t head = (size_t)(end + 4 - peer->in);
        memmove(peer->in, peer->in + head, peer->held -= head);
        if (state) return state;
    }
    return 0;
}

static void ready(struct peer *peer, unsigned what) {
    int state = 0;
    if (what & EPOLLOUT) {
        state = flush(peer);
        if (!state) watch(peer, EPOLL_CTL_MOD, EPOLLIN), state = serve(peer);
    } else {
        ssize_t n = read(peer->fd, peer->in + peer->held, HELD - 1 - peer->held);
        if (n <= 0) state = n < 0 && errno == EAGAIN ? 0 : -1;
        else peer->held += (size_t)n, state = serve(peer);
    }
    if (state < 0) close(peer->fd), free(peer);
}

static void prepare(void) {
    char body[101];
    memset(body, 'x', 100);
    memcpy(body, "{\"items\":\"", 10);
    memcpy(body + 98, "\"}", 3);
    for (int n = 0; n < ITEMS; n++)
        small_size = (size_t)snprintf(items[n], sizeof items[n],
            "HTTP/1.1 200 OK\r\nServer: bench\r\nDate: Tue, 15 Nov 1994 08:%02d:%02d GMT\r\n"
            "Content-Type: application/json\r\nETag: \"%04x\"\r\n"
            "X-Request-Id: 6ccd780c-baba-1026-9564-5b8c65%06x\r\n"
            "Content-Length: 100\r\n\r\n%s", n / 60 % 60, n % 60, n, n, body);
    large = malloc(LARGE + 256);
    int head = sprintf(large, "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
        "Content-Length: %d\r\n\r\n", LARGE);
    memset(large + head, 'x', LARGE);
    large_size = (size_t)head + LARGE;
    events_size = (size_t)snprintf(events, sizeof events,
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        "d\r\ndata: hello\n\n\r\n");
}

int main(int count, char **arguments) {
    int yes = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in where = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
        .sin_port = htons((unsigned short)(count > 1 ? atoi(arguments[1]) : 0))};
    signal(SIGPIPE, SIG_IGN);
    prepare();
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&where, sizeof where) || listen(listener, 4096)) return 1;
    poller = epoll_create1(0);
    struct epoll_event events_ready[256], first = {.events = EPOLLIN, .data.ptr = NULL};
    epoll_ctl(poller, EPOLL_CTL_ADD, listener, &first);
    for (;;) {
        int n = epoll_wait(poller, events_ready, 256, -1);
        for (int i = 0; i < n; i++) {
            if (events_ready[i].data.ptr) {
                ready(events_ready[i].data.ptr, events_ready[i].events);
                continue;
            }
            int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
            if (fd < 0) continue;
            setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            struct peer *peer = calloc(1, sizeof *peer);
            peer->fd = fd;
            watch(peer, EPOLL_CTL_ADD, EPOLLIN);
        }
    }
}
