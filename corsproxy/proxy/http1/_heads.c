/* Heads cut at the lines that matter, and put together again: one pass in the place of several.
 *
 * Optional: where it was not compiled, the regular expressions of `plain_request_head` and
 * `response_head`, and `head_pieces.joined_by_slices`, do the same, and they are the reference.
 * Property tests (tests/proxy/http1/test_compiled_heads.py) hold this to their results.
 *
 * A bytes object ends in a NUL, which belongs to no class of bytes here. So each loop ends within
 * the object or at that NUL, and no index needs a check of its own.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <string.h>

#define LONGEST 48 /* no special name is so long */
#define ALIKE_LENGTH 16 /* no more special names than that are of one length */

enum { TOKEN = 1, TARGET = 2, VALUE = 4, MARK = 8 };
static unsigned char kind[256];

static const char *const known[] = {
    "GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "};
enum { METHODS = sizeof known / sizeof *known };
static PyObject *methods[METHODS];

/* The special names by length, and by their first letters: most lines are seen to have none. */
struct table {
    struct {
        int count;
        unsigned long firsts;
        struct {
            char text[LONGEST];
            int marked; /* whether other marks in the place of hyphens make it no other name */
        } names[ALIKE_LENGTH];
    } of_length[LONGEST];
};
static struct table of_requests, of_responses;

static void classify(void) {
    for (int c = 1; c < 256; c++) {
        int letter = (c | 32) >= 'a' && (c | 32) <= 'z', digit = c >= '0' && c <= '9';
        if (letter || digit) kind[c] |= TOKEN;
        if (c < 128 && strchr("!#$%&'*+-.^_`|~", c)) kind[c] |= TOKEN | MARK;
        if (c >= '!' && c <= '~' && c != '#') kind[c] |= TARGET;
        if (c == '\t' || (c >= ' ' && c <= '~') || c >= 128) kind[c] |= VALUE;
    }
}

static PyObject *learn(struct table *table, PyObject *arguments) {
    PyObject *names, *look_alikes, *iterator, *name;
    if (!PyArg_ParseTuple(arguments, "OO", &names, &look_alikes)) return NULL;
    memset(table, 0, sizeof *table);
    if (!(iterator = PyObject_GetIter(names))) return NULL;
    while ((name = PyIter_Next(iterator))) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(name, &size);
        int marked = text ? PySequence_Contains(look_alikes, name) : -1;
        if (marked >= 0 && size > 0 && size < LONGEST
            && table->of_length[size].count < ALIKE_LENGTH) {
            int at = table->of_length[size].count++;
            memcpy(table->of_length[size].names[at].text, text, (size_t)size);
            table->of_length[size].names[at].marked = marked;
            table->of_length[size].firsts |= 1UL << (text[0] & 31);
        } else if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "no room for so long a name, or so many");
        Py_DECREF(name);
        if (PyErr_Occurred()) break;
    }
    Py_DECREF(iterator);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyObject *learn_request(PyObject *module, PyObject *arguments) {
    return learn(&of_requests, arguments);
}

static PyObject *learn_response(PyObject *module, PyObject *arguments) {
    return learn(&of_responses, arguments);
}

static unsigned char lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

static int is_named(const unsigned char *name, Py_ssize_t size, const char *text, int marked) {
    for (Py_ssize_t i = 0; i < size; i++)
        if (lower(name[i]) != (unsigned char)text[i]
            && !(marked && text[i] == '-' && kind[name[i]] & MARK))
            return 0;
    return 1;
}

static int is_special(const struct table *table, const unsigned char *name, Py_ssize_t size) {
    if (size >= LONGEST || !(table->of_length[size].firsts >> (name[0] & 31) & 1)) return 0;
    for (int at = 0; at < table->of_length[size].count; at++)
        if (is_named(name, size, table->of_length[size].names[at].text,
                table->of_length[size].names[at].marked))
            return 1;
    return 0;
}

/* Whether the line is a Content-Length of 1 to 18 digits. */
static int is_length(
    const unsigned char *name, const unsigned char *colon, const unsigned char *end) {
    if (colon - name != 14 || !is_named(name, 14, "content-length", 0)) return 0;
    const unsigned char *p = colon + 1, *digits;
    while (*p == ' ' || *p == '\t') p++;
    for (digits = p; *p >= '0' && *p <= '9';) p++;
    if (p == digits || p - digits > 18) return 0;
    while (*p == ' ' || *p == '\t') p++;
    return p == end;
}

static int add(PyObject *pieces, const unsigned char *start, const unsigned char *end) {
    PyObject *piece = PyBytes_FromStringAndSize((const char *)start, end - start);
    int failed = !piece || PyList_Append(pieces, piece);
    Py_XDECREF(piece);
    return failed;
}

static int add_line(
    PyObject *pieces, const unsigned char *name, const unsigned char *end, int length) {
    if (length) return add(pieces, name, end) || PyList_Append(pieces, Py_None);
    return PyList_Append(pieces, Py_None) || add(pieces, name, end);
}

/* What the rules may look at in a response's head, as bytes: see `response_head.shape_of`. */
struct shape {
    char *special; /* where the next special line goes */
    char *names;   /* where the next name goes */
    long long length;
};

static void add_to_shape(struct shape *shape, const unsigned char *name,
    const unsigned char *colon, const unsigned char *end, int special, int length) {
    *shape->names++ = '\n';
    memcpy(shape->names, name, (size_t)(colon - name));
    shape->names += colon - name;
    if (!special) return;
    *shape->special++ = '\r';
    if (length) {
        if (shape->length < 0) shape->length = strtoll((const char *)colon + 1, NULL, 10);
        return;
    }
    memcpy(shape->special, name, (size_t)(end - name));
    shape->special += end - name;
}

/* Cut the lines that begin at `line` of a head that begins at `text`; `shape` may be NULL. The end
 * of the head; NULL where it is no ordinary one, or where an exception is set. */
static const unsigned char *cut_lines(const struct table *table, const unsigned char *text,
    const unsigned char *line, PyObject *pieces, struct shape *shape) {
    const unsigned char *p = line;
    while (*p != '\r') {
        const unsigned char *name = p, *colon;
        while (kind[*p] & TOKEN) p++;
        if (p == name || *p != ':') return NULL;
        colon = p++;
        while (kind[*p] & VALUE) p++;
        if (p[0] != '\r' || p[1] != '\n') return NULL;
        int special = is_special(table, name, colon - name);
        int length = special && is_length(name, colon, p);
        if (shape) add_to_shape(shape, name, colon, p, special, length);
        if (special) {
            if (add(pieces, text, name - 2)) return NULL;
            if (add_line(pieces, name, p, length)) return NULL;
            text = p;
        }
        p += 2;
    }
    if (p[1] != '\n' || add(pieces, text, p + 2)) return NULL;
    return p + 2;
}

static int is_bytes(PyObject *object) {
    if (PyBytes_CheckExact(object)) return 1;
    PyErr_SetString(PyExc_TypeError, "expected bytes");
    return 0;
}

/* cut_request(data): see `plain_request_head.cut_by_regex`. */
static PyObject *cut_request(PyObject *module, PyObject *data) {
    if (!is_bytes(data)) return NULL;
    const unsigned char *start = (const unsigned char *)PyBytes_AS_STRING(data), *target, *p = NULL;
    int method = 0;
    for (; method < METHODS; method++) {
        size_t size = strlen(known[method]);
        if (strncmp((const char *)start, known[method], size)) continue;
        p = start + size;
        break;
    }
    if (!p || *p != '/') Py_RETURN_NONE;
    for (target = p; kind[*p] & TARGET;) p++;
    if (strncmp((const char *)p, " HTTP/1.1\r\n", 11)) Py_RETURN_NONE;
    PyObject *pieces = PyList_New(0);
    if (!pieces) return NULL;
    const unsigned char *end = cut_lines(&of_requests, start, p + 11, pieces, NULL);
    if (end)
        return Py_BuildValue("Oy#Nn", methods[method], (const char *)target,
            (Py_ssize_t)(p - target), pieces, (Py_ssize_t)(end - start));
    Py_DECREF(pieces);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static int is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

/* The end of a status line; NULL where it is none. */
static const unsigned char *after_status_line(const unsigned char *p) {
    if (strncmp((const char *)p, "HTTP/1.", 7) || !is_digit(p[7]) || p[8] != ' ') return NULL;
    if (p[9] == '0' || !is_digit(p[9]) || !is_digit(p[10]) || !is_digit(p[11])) return NULL;
    p += 12;
    if (*p == ' ')
        while (kind[*p] & VALUE) p++;
    return p[0] == '\r' && p[1] == '\n' ? p + 2 : NULL;
}

/* cut_response(data): see `response_head.cut_by_regex`.
 *
 * A line takes at most its own size in either half of the shape, and the status line 13 bytes. */
static PyObject *cut_response(PyObject *module, PyObject *data) {
    if (!is_bytes(data)) return NULL;
    const unsigned char *start = (const unsigned char *)PyBytes_AS_STRING(data);
    const unsigned char *line = after_status_line(start), *end = NULL;
    Py_ssize_t size = PyBytes_GET_SIZE(data);
    if (!line) Py_RETURN_NONE;
    PyObject *pieces = PyList_New(0), *whole = PyBytes_FromStringAndSize(NULL, 2 * size + 1);
    if (pieces && whole) {
        char *from = PyBytes_AS_STRING(whole), *names = from + size;
        struct shape shape = {from, names, -1};
        memcpy(from, start, 12);
        shape.special += 12;
        if (start[12] == ' ') *shape.special++ = ' ';
        end = cut_lines(&of_responses, start, line, pieces, &shape);
        if (end == start + size) {
            Py_ssize_t first = shape.special - from, second = shape.names - names;
            memmove(shape.special, names, (size_t)second);
            if (!_PyBytes_Resize(&whole, first + second))
                return Py_BuildValue("NNL", whole, pieces, shape.length);
        }
    }
    Py_XDECREF(whole);
    Py_XDECREF(pieces);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

/* The bytes of a list's item; an exception is set where it has no such. */
static const char *item(PyObject *list, Py_ssize_t at, Py_ssize_t *size) {
    PyObject *found = at < PyList_GET_SIZE(list) ? PyList_GET_ITEM(list, at) : NULL;
    if (!found || !is_bytes(found)) {
        if (!PyErr_Occurred()) PyErr_SetString(PyExc_ValueError, "not the pieces of a head");
        return NULL;
    }
    *size = PyBytes_GET_SIZE(found);
    return PyBytes_AS_STRING(found);
}

/* Put the parts of the whole at `to`, if that is there; how long they are, -1 with an exception. */
static Py_ssize_t put(
    char *to, PyObject *pieces, PyObject *lines, Py_ssize_t kept, PyObject *tail) {
    Py_ssize_t total = 0, size, count = PyList_GET_SIZE(lines);
    const char *part;
#define PUT(from, length) \
    do { \
        if (to) memcpy(to + total, (from), (size_t)(length)); \
        total += (length); \
    } while (0)
    for (Py_ssize_t at = 0; at < count; at++) {
        if (!(part = item(pieces, 3 * at, &size))) return -1;
        PUT(part, size);
        if (at == kept) PUT("\r\n", 2);
        part = at == kept ? item(pieces, 3 * at + 1, &size) : item(lines, at, &size);
        if (!part) return -1;
        PUT(part, size);
    }
    if (!(part = item(pieces, 3 * count, &size))) return -1;
    if (size >= 4) PUT(part, size - 4);
    PUT(PyBytes_AS_STRING(tail), PyBytes_GET_SIZE(tail));
#undef PUT
    return total;
}

/* joined(pieces, lines, index, tail): see `head_pieces.joined_by_slices`. */
static PyObject *joined(PyObject *module, PyObject *const *arguments, Py_ssize_t count) {
    if (count != 4 || !PyList_CheckExact(arguments[0]) || !PyList_CheckExact(arguments[1])
        || !PyLong_CheckExact(arguments[2])) {
        PyErr_SetString(PyExc_TypeError, "expected two lists, a number and bytes");
        return NULL;
    }
    Py_ssize_t kept = PyLong_AsSsize_t(arguments[2]);
    if (PyErr_Occurred() || !is_bytes(arguments[3])) return NULL;
    Py_ssize_t size = put(NULL, arguments[0], arguments[1], kept, arguments[3]);
    PyObject *whole = size < 0 ? NULL : PyBytes_FromStringAndSize(NULL, size);
    if (whole) put(PyBytes_AS_STRING(whole), arguments[0], arguments[1], kept, arguments[3]);
    return whole;
}

static PyMethodDef functions[] = {
    {"learn_request", learn_request, METH_VARARGS, "Cut requests at the lines of these names."},
    {"learn_response", learn_response, METH_VARARGS, "Cut responses at the lines of these names."},
    {"cut_request", cut_request, METH_O, "The method, target, pieces and end of a request's head."},
    {"cut_response", cut_response, METH_O, "The shape, pieces and length of a response's head."},
    {"joined", (PyCFunction)(void (*)(void))joined, METH_FASTCALL, "The head that pieces become."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_heads", NULL, -1, functions};

PyMODINIT_FUNC PyInit__heads(void) {
    classify();
    for (int n = 0; n < METHODS; n++) {
        methods[n] = PyBytes_FromStringAndSize(known[n], (Py_ssize_t)strlen(known[n]) - 1);
        if (!methods[n]) return NULL;
    }
    return PyModule_Create(&definition);
}
