/* `plain_request_head.cut`, compiled: one pass over a request's head in the place of two.
 *
 * Optional: where it was not compiled, the regular expressions of `plain_request_head` do the same, and they
 * are the reference. A property test (tests/proxy/http1/test_cut.py) holds this to their results.
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

static const char *const known[] = {"GET ", "HEAD ", "POST ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "};
enum { METHODS = sizeof known / sizeof *known };
static PyObject *methods[METHODS];

/* The special names by length, and by their first letters: most lines are seen to have none. */
static struct {
    int count;
    unsigned long firsts;
    struct {
        char text[LONGEST];
        int marked; /* whether other marks in the place of hyphens make it no other name */
    } names[ALIKE_LENGTH];
} of_length[LONGEST];

static void classify(void) {
    for (int c = 1; c < 256; c++) {
        int letter = (c | 32) >= 'a' && (c | 32) <= 'z', digit = c >= '0' && c <= '9';
        if (letter || digit) kind[c] |= TOKEN;
        if (c < 128 && strchr("!#$%&'*+-.^_`|~", c)) kind[c] |= TOKEN | MARK;
        if (c >= '!' && c <= '~' && c != '#') kind[c] |= TARGET;
        if (c == '\t' || (c >= ' ' && c <= '~') || c >= 128) kind[c] |= VALUE;
    }
}

/* learn(names, look_alikes): the names in lower case at whose lines a head is cut. */
static PyObject *learn(PyObject *module, PyObject *arguments) {
    PyObject *names, *look_alikes, *iterator, *name;
    if (!PyArg_ParseTuple(arguments, "OO", &names, &look_alikes)) return NULL;
    memset(of_length, 0, sizeof of_length);
    if (!(iterator = PyObject_GetIter(names))) return NULL;
    while ((name = PyIter_Next(iterator))) {
        Py_ssize_t size;
        const char *text = PyUnicode_AsUTF8AndSize(name, &size);
        int marked = text ? PySequence_Contains(look_alikes, name) : -1;
        if (marked >= 0 && size > 0 && size < LONGEST && of_length[size].count < ALIKE_LENGTH) {
            int at = of_length[size].count++;
            memcpy(of_length[size].names[at].text, text, (size_t)size);
            of_length[size].names[at].marked = marked;
            of_length[size].firsts |= 1UL << (text[0] & 31);
        } else if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "no room for so long a name, or so many");
        Py_DECREF(name);
        if (PyErr_Occurred()) break;
    }
    Py_DECREF(iterator);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static unsigned char lower(unsigned char c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

static int is_named(const unsigned char *name, Py_ssize_t size, const char *text, int marked) {
    for (Py_ssize_t i = 0; i < size; i++)
        if (lower(name[i]) != (unsigned char)text[i]
            && !(marked && text[i] == '-' && kind[name[i]] & MARK))
            return 0;
    return 1;
}

static int is_special(const unsigned char *name, Py_ssize_t size) {
    if (size >= LONGEST || !(of_length[size].firsts >> (name[0] & 31) & 1)) return 0;
    for (int at = 0; at < of_length[size].count; at++)
        if (is_named(name, size, of_length[size].names[at].text, of_length[size].names[at].marked))
            return 1;
    return 0;
}

/* Whether the line is a Content-Length of 1 to 18 digits. */
static int is_length(const unsigned char *name, const unsigned char *colon, const unsigned char *end) {
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

static int add_line(PyObject *pieces, const unsigned char *name, const unsigned char *end, int length) {
    if (length) return add(pieces, name, end) || PyList_Append(pieces, Py_None);
    return PyList_Append(pieces, Py_None) || add(pieces, name, end);
}

/* Cut the lines that begin at `line` of a head that begins at `text`. The end of the head; NULL
 * where it is no ordinary one, or where an exception is set. */
static const unsigned char *cut_lines(
    const unsigned char *text, const unsigned char *line, PyObject *pieces) {
    const unsigned char *p = line;
    while (*p != '\r') {
        const unsigned char *name = p, *colon;
        while (kind[*p] & TOKEN) p++;
        if (p == name || *p != ':') return NULL;
        colon = p++;
        while (kind[*p] & VALUE) p++;
        if (p[0] != '\r' || p[1] != '\n') return NULL;
        if (is_special(name, colon - name)) {
            if (add(pieces, text, name - 2)) return NULL;
            if (add_line(pieces, name, p, is_length(name, colon, p))) return NULL;
            text = p;
        }
        p += 2;
    }
    if (p[1] != '\n' || add(pieces, text, p + 2)) return NULL;
    return p + 2;
}

/* cut(data): see `plain_request_head.cut_by_regex`. */
static PyObject *cut(PyObject *module, PyObject *data) {
    if (!PyBytes_CheckExact(data)) {
        PyErr_SetString(PyExc_TypeError, "expected bytes");
        return NULL;
    }
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
    const unsigned char *end = cut_lines(start, p + 11, pieces);
    if (end)
        return Py_BuildValue("Oy#Nn", methods[method], (const char *)target,
            (Py_ssize_t)(p - target), pieces, (Py_ssize_t)(end - start));
    Py_DECREF(pieces);
    if (PyErr_Occurred()) return NULL;
    Py_RETURN_NONE;
}

static PyMethodDef functions[] = {
    {"cut", cut, METH_O, "The method, the target, the pieces and the end of a request's head."},
    {"learn", learn, METH_VARARGS, "Cut at the lines of these names from now on."},
    {NULL, NULL, 0, NULL},
};
static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "_cut", NULL, -1, functions};

PyMODINIT_FUNC PyInit__cut(void) {
    classify();
    for (int n = 0; n < METHODS; n++) {
        methods[n] = PyBytes_FromStringAndSize(known[n], (Py_ssize_t)strlen(known[n]) - 1);
        if (!methods[n]) return NULL;
    }
    return PyModule_Create(&definition);
}
