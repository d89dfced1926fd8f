/* A document scanner that exists only as a TWAIN data source, made to fail when told to.
 *
 * Written from the TWAIN specification 2.x. A feeder with both sides, bit, grey and colour; native,
 * memory and file transfer. Every image holds its number in its first inch and every row its own
 * number in its first pixels, so that what is lost, doubled or swapped shows.
 *
 * Its dialog is a window that does not come to the front by itself; until it is there it is not ready.
 *
 * Orders stand in `virtual.txt` beside this file, one `name=value` a line. They are read when the
 * source is opened and enabled, hold for one batch, and then the file is gone.
 *
 *   pages=N       sheets in the feeder, 3 if not given        ready=MS  until it is ready, -1: never
 *   jam, double, cancel, nomedia, interlock, unplug=N         this fault at image N, once
 *   fault=N, why=C   this condition at image N, once          close=1   the person closes the dialog
 *   crash, hang=N at image N; a hang in strips is after the first of them
 *   quiet=1       refuses to begin with its dialog, or with indicators on
 *   unknown=1     says -1 images wait                         offline=1 is not there when opened
 *   length=1      announces -1 rows                           pad=N     bytes behind every row
 *   short=N, long=N  rows less or more than announced         wide=N    pixels more than announced
 *   transfers=B   bits of the ways it offers: 1 native, 2 file, 4 memory
 *   lie=1         some answers about capabilities are no answers
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#pragma pack(push, 2)
typedef struct { int16_t whole; uint16_t fraction; } Fix;
typedef struct { uint16_t major, minor, language, country; char info[34]; } Version;
typedef struct {
    uint32_t id; Version version; uint16_t protocol_major, protocol_minor; uint32_t groups;
    char maker[34], family[34], name[34];
} Identity;
typedef struct { uint16_t number, container; HANDLE handle; } Capability;
typedef struct { uint16_t code, data; } Status;
typedef struct { uint16_t count; uint32_t end; } Pending;
typedef struct { void *event; uint16_t message; } Event;
typedef struct { uint16_t shows, modal; HANDLE parent; } Face;
typedef struct { Fix left, top, right, bottom; } Frame;
typedef struct { Frame frame; uint32_t document, page, number; } Layout;
typedef struct {
    Fix across, down; int32_t width, length; int16_t samples, bits_sample[8], bits;
    uint16_t planar; int16_t pixels; uint16_t compression;
} Info;
typedef struct { uint32_t least, most, liked; } Setup;
typedef struct { uint32_t flags, length; void *at; } Memory;
typedef struct {
    uint16_t compression; uint32_t row, columns, rows, left, top, written; Memory memory;
} Strip;
typedef struct { char name[256]; uint16_t format; int16_t volume; } File;
typedef struct { uint32_t length; HANDLE handle; } Custom;
typedef uint16_t(__stdcall *Entry)(Identity *, Identity *, uint32_t, uint16_t, uint16_t, void *);
typedef struct {
    uint32_t size; Entry entry; HANDLE(__stdcall *allocate)(uint32_t); void(__stdcall *release)(HANDLE);
    void *(__stdcall *lock)(HANDLE); void(__stdcall *unlock)(HANDLE);
} Entries;
#pragma pack(pop)

enum { SUCCESS, FAILURE, CHECK, CANCEL, DS_EVENT, NOT_DS_EVENT, DONE };
enum { ARRAY = 3, ENUMERATION, ONE, RANGE };
enum { SHORT16 = 1, WHOLE32 = 2, WORD16 = 4, YES_NO = 6, FIX = 7, FRAME = 8, TEXT = 12 };
enum { GET = 1, CURRENT, DEFAULT, SET = 6, RESET, QUERY };
enum { PIXELS = 0x0101, WAYS = 0x0103, FEEDER = 0x1002, LOADED = 0x1003, ALL = 0x1005,
       DUPLEX = 0x1013, BRIGHT = 0x1101, FRAMES = 0x1114, DPI = 0x1118, DPI_DOWN = 0x1119,
       DEPTH = 0x112B, CAPTION = 0x1001, COUNT = 0x0001 };

static struct Dial { uint16_t number, type, container; int32_t now, usual; int fixed, count; int32_t values[8]; } dials[] = {
    {COUNT, SHORT16, ONE, -1, -1, 0, 0, {0}},
    {0x0100, WORD16, ENUMERATION, 0, 0, 0, 1, {0}},
    {PIXELS, WORD16, ENUMERATION, 2, 2, 0, 3, {0, 1, 2}},
    {0x0102, WORD16, ENUMERATION, 0, 0, 0, 2, {0, 1}},
    {WAYS, WORD16, ENUMERATION, 0, 0, 0, 3, {0, 1, 2}},
    {CAPTION, TEXT, ONE, 0, 0, 0, 0, {0}},
    {FEEDER, YES_NO, ENUMERATION, 1, 1, 0, 2, {0, 1}},
    {LOADED, YES_NO, ONE, 1, 1, 1, 0, {0}},
    {ALL, WORD16, ARRAY, 0, 0, 1, 0, {0}},
    {0x1007, YES_NO, ENUMERATION, 1, 1, 0, 2, {0, 1}},
    {0x100B, YES_NO, ENUMERATION, 1, 1, 0, 2, {0, 1}},
    {0x100D, YES_NO, ONE, 1, 1, 1, 0, {0}},
    {0x100E, YES_NO, ONE, 1, 1, 1, 0, {0}},
    {0x100F, YES_NO, ONE, 1, 1, 1, 0, {0}},
    {0x1012, WORD16, ONE, 1, 1, 1, 0, {0}},
    {DUPLEX, YES_NO, ENUMERATION, 0, 0, 0, 2, {0, 1}},
    {0x1015, YES_NO, ONE, 1, 1, 1, 0, {0}},
    {BRIGHT, FIX, RANGE, 0, 0, 0, 3, {-1000, 1000, 10}},
    {0x1103, FIX, RANGE, 0, 0, 0, 3, {-1000, 1000, 10}},
    {0x110C, WORD16, ENUMERATION, 2, 2, 0, 1, {2}},
    {0x1110, WORD16, ENUMERATION, 0, 0, 0, 4, {0, 1, 2, 3}},
    {0x1111, FIX, ONE, 8, 8, 1, 0, {0}},
    {0x1112, FIX, ONE, 11, 11, 1, 0, {0}},
    {FRAMES, FRAME, ENUMERATION, 0, 0, 1, 1, {0}},
    {DPI, FIX, ENUMERATION, 100, 100, 0, 4, {75, 100, 200, 300}},
    {DPI_DOWN, FIX, ENUMERATION, 100, 100, 0, 4, {75, 100, 200, 300}},
    {0x111F, WORD16, ENUMERATION, 0, 0, 0, 2, {0, 1}},
    {0x1123, FIX, RANGE, 128, 128, 0, 3, {0, 255, 1}},
    {DEPTH, WORD16, ENUMERATION, 24, 24, 1, 1, {24}},
    {0x1134, WHOLE32, ONE, -2, -2, 0, 0, {0}},
    {0x1150, YES_NO, ENUMERATION, 0, 0, 0, 2, {0, 1}},
    {0x1151, YES_NO, ENUMERATION, 0, 0, 0, 2, {0, 1}},
    {0x8001, WHOLE32, RANGE, 7, 7, 0, 3, {0, 100000, 1}},
};
#define DIALS ((int)(sizeof dials / sizeof *dials))

static Identity me = {0, {1, 0, 13, 1, "1.0"}, 2, 4, 0x40000003, "sheetfed", "Virtual", "Virtual Scanner"};
static Identity asker;
static Entries entries;
static Frame frame = {{0, 0}, {0, 0}, {8, 0}, {11, 0}};
static char folder[260], caption[256] = "nothing", file_name[256] = "virtual.bmp";
static int state = 3, code, image, images, row, waiting;
static uint8_t *pattern;
static HWND dialog;

static struct { int pages, ready, jam, doubled, cancel, nomedia, interlock, unplug, crash, hang, close, unknown,
                offline, length, pad, lacks, over, wide, transfers, lie, fault, why, quiet; } orders;
static const struct { const char *name; int *value; int usual; } words[] = {
    {"pages", &orders.pages, 3}, {"ready", &orders.ready, 5}, {"jam", &orders.jam, 0},
    {"double", &orders.doubled, 0}, {"cancel", &orders.cancel, 0}, {"nomedia", &orders.nomedia, 0},
    {"interlock", &orders.interlock, 0}, {"unplug", &orders.unplug, 0}, {"crash", &orders.crash, 0},
    {"hang", &orders.hang, 0}, {"close", &orders.close, 0}, {"unknown", &orders.unknown, 0},
    {"offline", &orders.offline, 0}, {"length", &orders.length, 0}, {"pad", &orders.pad, 0},
    {"short", &orders.lacks, 0}, {"long", &orders.over, 0}, {"wide", &orders.wide, 0},
    {"transfers", &orders.transfers, 7}, {"lie", &orders.lie, 0}, {"fault", &orders.fault, 0},
    {"why", &orders.why, 0}, {"quiet", &orders.quiet, 0}};

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, void *unused)
{
    (void)unused;
    if (reason == DLL_PROCESS_ATTACH) {
        GetModuleFileNameA(self, folder, sizeof folder);
        char *last = strrchr(folder, '\\');
        if (last && !_stricmp(last + 1, "gphoto2.ds")) strcpy(me.name, "Virtual Scanner Two");
        if (last) *last = 0;
    }
    return TRUE;
}

static void read_orders(int taken)
{
    char path[300], line[100];
    snprintf(path, sizeof path, "%s\\virtual.txt", folder);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) *words[i].value = words[i].usual;
    FILE *file = fopen(path, "r");
    if (!file) return;
    while (fgets(line, sizeof line, file)) {
        char *equals = strchr(line, '=');
        if (!equals) continue;
        *equals = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (!strcmp(line, words[i].name)) *words[i].value = atoi(equals + 1);
    }
    fclose(file);
    if (taken || orders.offline) remove(path);
}

static uint16_t fail(int why) { code = why; return FAILURE; }
static struct Dial *find(uint16_t number)
{
    for (int i = 0; i < DIALS; i++) if (dials[i].number == number) return dials + i;
    return NULL;
}
static int32_t now(uint16_t number) { return find(number)->now; }
static HANDLE allocate(uint32_t size)
{
    return entries.allocate ? entries.allocate(size) : GlobalAlloc(GMEM_MOVEABLE | GMEM_ZEROINIT, size);
}
static void *lock(HANDLE handle) { return entries.lock ? entries.lock(handle) : GlobalLock(handle); }
static void unlock(HANDLE handle) { if (entries.unlock) entries.unlock(handle); else GlobalUnlock(handle); }

static int size_of(int type)
{
    return type == FIX || type == WHOLE32 ? 4 : type == FRAME ? 16 : type == TEXT ? 256 : 2;
}
static void put(uint8_t *at, int type, int32_t value)
{
    if (type == FIX) { Fix fix = {(int16_t)value, 0}; memcpy(at, &fix, 4); }
    else if (type == WHOLE32) memcpy(at, &value, 4);
    else if (type == FRAME) memcpy(at, &frame, 16);
    else if (type == TEXT) memcpy(at, caption, 256);
    else { uint16_t word = (uint16_t)value; memcpy(at, &word, 2); }
}
static int32_t take(const uint8_t *at, int type)
{
    int32_t whole; uint16_t word;
    if (type == WHOLE32) { memcpy(&whole, at, 4); return whole; }
    if (type == TEXT) { memcpy(caption, at, 255); return 0; }
    memcpy(&word, at, 2);
    return type == SHORT16 || type == FIX ? (int16_t)word : word;
}

static void follow(void)                       /* what depends on the kind of pixels */
{
    struct Dial *depth = find(DEPTH);
    depth->now = depth->usual = depth->values[0] = now(PIXELS) == 0 ? 1 : now(PIXELS) == 1 ? 8 : 24;
}
static int offers(struct Dial *dial, int32_t value)
{
    if (dial->number == WAYS && !(orders.transfers >> value & 1)) return 0;
    for (int i = 0; i < dial->count; i++) if (dial->values[i] == value) return 1;
    return 0;
}
static uint16_t set(struct Dial *dial, Capability *asked)
{
    if (state != 4) return fail(11);
    if (dial->fixed) return fail(14);
    uint8_t *at = lock(asked->handle);
    uint16_t type; memcpy(&type, at, 2);
    int32_t value = asked->container == ONE && type == dial->type ? take(at + 2, type) : INT32_MIN;
    unlock(asked->handle);
    if (value == INT32_MIN) return fail(10);
    if (dial->container == ENUMERATION && !offers(dial, value)) return fail(10);
    if (dial->container == RANGE && (value < dial->values[0] || value > dial->values[1])) {
        dial->now = value < dial->values[0] ? dial->values[0] : dial->values[1];
        return CHECK;
    }
    dial->now = value;
    if (dial->number == PIXELS) follow();
    return SUCCESS;
}
static uint16_t get(struct Dial *dial, uint16_t message, Capability *asked)
{
    int size = size_of(dial->type), many = dial->container == ENUMERATION && message == GET;
    int32_t value = message == DEFAULT ? dial->usual : dial->now;
    uint16_t type = dial->type;
    if (dial->number == LOADED) value = orders.pages > 0;
    uint32_t count = 0, at_now = 0, at_usual = 0;
    asked->container = dial->container == ARRAY ? ARRAY : message != GET ? ONE : dial->container;
    asked->handle = allocate(22 + 256 * 9);
    if (orders.lie && dial->number == 0x1110) {                /* larger than it is */
        HANDLE small = GlobalAlloc(GMEM_MOVEABLE | GMEM_ZEROINIT, 24);
        uint8_t *at = GlobalLock(small);
        count = 1000000;
        memcpy(at, &type, 2); memcpy(at + 2, &count, 4);
        GlobalUnlock(small);
        asked->container = ENUMERATION;
        asked->handle = small;
        return SUCCESS;
    }
    uint8_t *at = lock(asked->handle);
    memcpy(at, &type, 2);
    if (orders.lie && dial->number == 0x1103) asked->container = 9;      /* no such container */
    if (orders.lie && dial->number == 0x1123) { type = 77; memcpy(at, &type, 2); }
    if (dial->container == ARRAY) {
        count = DIALS; memcpy(at + 2, &count, 4);
        for (int i = 0; i < DIALS; i++) memcpy(at + 6 + 2 * i, &dials[i].number, 2);
    } else if (many) {
        for (int i = 0; i < dial->count; i++) {
            if (dial->number == WAYS && !(orders.transfers >> dial->values[i] & 1)) continue;
            if (dial->values[i] == dial->now) at_now = count;
            if (dial->values[i] == dial->usual) at_usual = count;
            put(at + 14 + size * count++, dial->type, dial->values[i]);
        }
        memcpy(at + 2, &count, 4); memcpy(at + 6, &at_now, 4); memcpy(at + 10, &at_usual, 4);
    } else if (asked->container == RANGE) {
        int32_t five[] = {dial->values[0], dial->values[1], dial->values[2], dial->usual, dial->now};
        for (int i = 0; i < 5; i++) put(at + 2 + 4 * i, dial->type, five[i]);
    } else put(at + 2, dial->type, value);
    unlock(asked->handle);
    return SUCCESS;
}
static uint16_t capability(uint16_t message, Capability *asked)
{
    struct Dial *dial = find(asked->number);
    if (!dial) return fail(13);
    if (message == QUERY) {
        int32_t can = dial->fixed ? 0x0D : 0x1F;
        uint16_t type = WHOLE32;
        asked->container = ONE; asked->handle = allocate(6);
        uint8_t *at = lock(asked->handle);
        memcpy(at, &type, 2); memcpy(at + 2, &can, 4);
        unlock(asked->handle);
        return SUCCESS;
    }
    if (message == SET) return set(dial, asked);
    if (message == RESET) { if (state != 4) return fail(11); dial->now = dial->usual; follow(); }
    if (message != GET && message != CURRENT && message != DEFAULT && message != RESET) return fail(14);
    return get(dial, message, asked);
}

static void tell(uint16_t message)
{
    Entry entry = entries.entry;
    if (!entry) {
        HMODULE manager = GetModuleHandleA("twain_32.dll");
        if (!manager) manager = GetModuleHandleA("twaindsm.dll");
        if (manager) entry = (Entry)(void *)GetProcAddress(manager, "DSM_Entry");
    }
    if (entry) entry(&me, &asker, 1, 0, message, NULL);
}
static DWORD WINAPI waiter(void *unused)
{
    (void)unused;
    Sleep(orders.ready);
    for (int i = 0; i < 250 && dialog && GetForegroundWindow() != dialog; i++) Sleep(20);
    int seen = !dialog || GetForegroundWindow() == dialog;
    tell(orders.close || !seen ? 0x102 : 0x101);
    return 0;
}

static int inches(Fix one, Fix other, int dpi)
{
    return (int)(((other.whole - one.whole) + (other.fraction - one.fraction) / 65536.0) * dpi + 0.5);
}
static void measure(int *width, int *height, int *bits)
{
    *width = inches(frame.left, frame.right, now(DPI));
    *height = inches(frame.top, frame.bottom, now(DPI_DOWN));
    *bits = now(DEPTH);
}
static int stride(int boundary)
{
    int width, height, bits;
    measure(&width, &height, &bits);
    return ((width + orders.wide) * bits + boundary - 1) / boundary * boundary / 8;
}
/* One row, whole. In the first inch bit k of the image's number darkens the k-th of eight blocks;
 * below is a ramp. The first 24 bits, bytes or pixels' bytes hold the row's number. */
static void draw(uint8_t *out, int y, int blue_first)
{
    int width, height, bits;
    measure(&width, &height, &bits);
    width += orders.wide;
    int size = stride(8), top = y < now(DPI_DOWN) && y < height;
    if (!row || y == now(DPI_DOWN) || !pattern) {
        free(pattern);
        pattern = calloc(1, size + 8);
        for (int x = 0; x < width; x++) {
            int grey = top ? (image >> (x * 8 / width) & 1 ? 0 : 255) : 255 * x / width;
            int other = top ? grey : 255 - grey;
            if (bits == 24) {
                pattern[3 * x] = blue_first ? other : grey;
                pattern[3 * x + 1] = grey;
                pattern[3 * x + 2] = blue_first ? grey : other;
            } else if (bits == 8) pattern[x] = grey;
            else if (grey > 127) pattern[x >> 3] |= 0x80 >> (x & 7);
        }
        if (bits == 1 && now(0x111F)) for (int i = 0; i < size; i++) pattern[i] ^= 0xFF;
    }
    memcpy(out, pattern, size);
    out[blue_first && bits == 24 ? 2 : 0] = y >> 16;
    out[1] = y >> 8;
    out[blue_first && bits == 24 ? 0 : 2] = y;
}
static uint32_t bitmap(uint8_t *out)           /* a bitmap from its last row up; NULL: its size */
{
    int width, height, bits;
    measure(&width, &height, &bits);
    uint32_t colours = bits == 24 ? 0 : 1u << bits, line = stride(32), head = 40 + 4 * colours;
    uint32_t size = head + line * height;
    if (!out) return size;
    uint32_t *words32 = (uint32_t *)out;
    memset(out, 0, head);
    words32[0] = 40; words32[1] = width; words32[2] = height; words32[3] = 1 | bits << 16;
    words32[5] = line * height; words32[6] = now(DPI) * 10000 / 254; words32[7] = now(DPI_DOWN) * 10000 / 254;
    for (uint32_t i = 0; i < colours; i++) words32[10 + i] = i * 255 / (colours - 1) * 0x010101;
    if (colours == 2 && now(0x111F)) { words32[10] = 0xFFFFFF; words32[11] = 0; }
    for (int y = 0; y < height; y++) {
        uint8_t *at = out + head + (size_t)line * (height - 1 - y);
        memset(at, 0, line);
        row = y;
        draw(at, y, 1);
    }
    row = 0;
    return size;
}

static int fault(void)                         /* 0, or what the transfer answers */
{
    struct { int *at, why; } all[] = {{&orders.jam, 20}, {&orders.doubled, 21}, {&orders.nomedia, 29},
                                      {&orders.interlock, 24}, {&orders.unplug, 23}};
    if (image == orders.crash) *(volatile int *)8 = 1;
    for (int i = 0; i < 5; i++) if (*all[i].at == image) { *all[i].at = 0; return fail(all[i].why); }
    if (image == orders.fault) { orders.fault = 0; return fail(orders.why); }
    if (image == orders.cancel) { orders.cancel = 0; state = 7; return CANCEL; }
    return 0;
}
static uint16_t strip(Strip *out)
{
    int width, height, bits, line = stride(8) + orders.pad;
    measure(&width, &height, &bits);
    int all = height - orders.lacks + orders.over, rows = out->memory.length / line;
    if (rows > all - row) rows = all - row;
    if (rows <= 0 || !(out->memory.flags & 8)) return fail(10);
    uint8_t *at = out->memory.at;
    for (int i = 0; i < rows; i++) { draw(at + (size_t)i * line, row, 0); row++; }
    out->compression = 0; out->row = line; out->columns = width + orders.wide; out->rows = rows;
    out->left = 0; out->top = row - rows; out->written = rows * line;
    state = 7;
    return row == all ? DONE : SUCCESS;
}
static uint16_t to_file(void)
{
    uint32_t size = bitmap(NULL), whole = size + 14, start = 54 + (now(DEPTH) == 24 ? 0 : 4u << now(DEPTH));
    uint8_t *out = malloc(size), head[14] = "BM";
    bitmap(out);
    memcpy(head + 2, &whole, 4); memcpy(head + 10, &start, 4);
    FILE *file = fopen(file_name, "wb");
    if (!file) { free(out); return fail(22); }
    fwrite(head, 1, 14, file); fwrite(out, 1, size, file); fclose(file); free(out);
    state = 7;
    return DONE;
}
static uint16_t image_calls(uint16_t what, uint16_t message, void *data)
{
    int width, height, bits;
    measure(&width, &height, &bits);
    if (what == 0x102) {
        Layout *layout = data;
        if (message == SET) { if (state != 4) return fail(11); frame = layout->frame; return SUCCESS; }
        layout->frame = frame; layout->document = layout->page = layout->number = 1;
        return SUCCESS;
    }
    if (state == 5 && waiting) { state = 6; waiting = 0; }
    if (what == 0x101) {
        if (state < 6) return fail(11);
        Info *info = data;
        memset(info, 0, sizeof *info);
        info->across.whole = now(DPI); info->down.whole = now(DPI_DOWN);
        info->width = width; info->length = orders.length ? -1 : height;
        info->samples = bits == 24 ? 3 : 1; info->bits = bits; info->pixels = now(PIXELS);
        for (int i = 0; i < info->samples; i++) info->bits_sample[i] = bits == 24 ? 8 : bits;
        return SUCCESS;
    }
    if (state != 6 && !(what == 0x103 && state == 7)) return fail(11);
    if (image == orders.hang && (row || what != 0x103)) for (;;) Sleep(1000);
    int why = row ? 0 : fault();
    if (why) return why;
    if (what == 0x103) return strip(data);
    if (what == 0x105) return to_file();
    if (what != 0x104) return fail(9);
    HANDLE handle = allocate(bitmap(NULL));
    bitmap(lock(handle));
    unlock(handle);
    *(HANDLE *)data = handle;
    state = 7;
    return DONE;
}
static uint16_t face(uint16_t message, Face *how)
{
    if (message == 0x501) {
        if (state != 5) return fail(11);
        if (dialog) DestroyWindow(dialog);
        dialog = NULL; state = 4;
        return SUCCESS;
    }
    if (message != 0x502) return fail(9);
    if (state != 4) return fail(11);
    read_orders(1);
    if (orders.quiet && (how->shows || now(0x100B))) return fail(5);
    if (how->shows) {
        dialog = CreateWindowA("STATIC", "Virtual Scanner", WS_POPUP, 0, 0, 200, 100, NULL, NULL, NULL, NULL);
        ShowWindow(dialog, SW_SHOWNOACTIVATE);
    }
    state = 5; image = 1; row = 0;
    images = now(FEEDER) ? orders.pages * (now(DUPLEX) ? 2 : 1) : 1;
    if (now(COUNT) > 0 && now(COUNT) < images) images = now(COUNT);
    if (orders.ready >= 0) { waiting = 1; CloseHandle(CreateThread(NULL, 0, waiter, NULL, 0, NULL)); }
    return SUCCESS;
}
static uint16_t pending(uint16_t message, Pending *out)
{
    if (message != GET && state < 6) return fail(11);
    if (message == RESET) image = images + 1;
    else if (message == 0x701) { if (image <= images) image++; row = 0; }
    out->count = image > images ? 0 : orders.unknown ? 65535 : images - image + 1;
    if (message != GET) state = out->count ? 6 : 5;
    return SUCCESS;
}
static uint16_t custom(uint16_t message, Custom *data)
{
    int32_t values[DIALS];
    if (message == GET) {
        for (int i = 0; i < DIALS; i++) values[i] = dials[i].now;
        data->length = sizeof values; data->handle = allocate(sizeof values);
        memcpy(lock(data->handle), values, sizeof values);
        unlock(data->handle);
        return SUCCESS;
    }
    if (message != SET || state != 4) return fail(11);
    if (data->length != sizeof values) return fail(10);
    memcpy(values, lock(data->handle), sizeof values);
    unlock(data->handle);
    for (int i = 0; i < DIALS; i++) dials[i].now = values[i];
    follow();
    return SUCCESS;
}
static uint16_t open_source(Identity *origin, Identity *self)
{
    read_orders(0);
    if (orders.offline) return fail(23);
    if (origin) asker = *origin;
    me.id = self->id; state = 4;
    for (int i = 0; i < DIALS; i++) dials[i].now = dials[i].usual;
    follow();
    frame.right.whole = 8; frame.bottom.whole = 11;
    frame.left.whole = frame.top.whole = 0;
    frame.left.fraction = frame.top.fraction = frame.right.fraction = frame.bottom.fraction = 0;
    return SUCCESS;
}

__declspec(dllexport) uint16_t __stdcall DS_Entry(Identity *origin, uint32_t group, uint16_t what, uint16_t message, void *data)
{
    if (group == 2) return image_calls(what, message, data);
    if (group != 1) return fail(9);
    switch (what) {
    case 1: return capability(message, data);
    case 2: ((Event *)data)->message = 0; return NOT_DS_EVENT;
    case 3:
        if (message == 1) { uint32_t id = ((Identity *)data)->id; *(Identity *)data = me; ((Identity *)data)->id = id; return SUCCESS; }
        if (message == 0x401) return open_source(origin, data);
        if (message == 0x402) { state = 3; return SUCCESS; }
        break;
    case 5: return pending(message, data);
    case 6: { Setup *setup = data; int line = stride(8) + orders.pad; setup->least = line; setup->most = line * 256; setup->liked = line * 64; return SUCCESS; }
    case 7:
        if (message == SET) { memcpy(file_name, ((File *)data)->name, 255); return SUCCESS; }
        memset(data, 0, sizeof(File)); strcpy(((File *)data)->name, file_name); ((File *)data)->format = 2; return SUCCESS;
    case 8: ((Status *)data)->code = code; ((Status *)data)->data = 0; code = 0; return SUCCESS;
    case 9: return face(message, data);
    case 12: return custom(message, data);
    case 0x403: if (message == SET) { entries = *(Entries *)data; return SUCCESS; } break;
    }
    return fail(9);
}
