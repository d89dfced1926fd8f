/* A camera of Windows that exists only as a DirectShow filter, made to fail when told to.
 *
 * RIG_FAULT  a file whose first word is how it fails, read anew each time:
 *            fail: knows nothing of its controls   nonsense: tells ranges that are none
 *            gone: is pulled out                   denied, busy: cannot be opened
 *            stall: sends nothing                  half: sends half files
 *            ended: ends its stream                lost: tells that it was pulled out
 *            taken: another program has its pin    unpacked: lists files that it does not send
 * RIG_LOG    a file to which it writes: on, off (its light), set lens|light NUMBER VALUE FLAGS
 * RIG_FILM   a folder of what the second camera sees: 640x480.jpg and 320x240.jpg
 *
 * There are two. The second one sends JPEG files, too: those of its folder, as they stand there. Both
 * send plain pixels in two sizes. They are as bright as its brightness says, and the upper left
 * quarter is black, so that what is upside down or mirrored shows. What is set stays set while the
 * library is loaded, in every filter.
 */
#define COBJMACROS
#define CINTERFACE
#define NO_DSHOW_STRSAFE
#include <initguid.h>
#include <dshow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DEFINE_GUID (CLSID_RIG, 0x7c1f0a52, 0x3f0e, 0x4f5b, 0x9d, 0x1e, 0x5b, 0x0e, 0x6a, 0x2d, 0x11, 0x08);
DEFINE_GUID (CLSID_JPEG, 0x7c1f0a52, 0x3f0e, 0x4f5b, 0x9d, 0x1e, 0x5b, 0x0e, 0x6a, 0x2d, 0x11, 0x09);
DEFINE_GUID (RIG_JPEG, 0x47504a4d, 0x0000, 0x0010, 0x80, 0x00, 0x00, 0xaa, 0x00, 0x38, 0x9b, 0x71);
DEFINE_GUID (RIG_PINS, 0x9b00f101, 0x1567, 0x11d1, 0xb3, 0xf1, 0x00, 0xaa, 0x00, 0x37, 0x61, 0xc5);
DEFINE_GUID (RIG_CAPTURE, 0xfb6c4281, 0x0353, 0x11d1, 0x90, 0x5f, 0x00, 0x00, 0xc0, 0xcc, 0x16, 0xba);
DEFINE_GUID (RIG_PROPERTIES, 0x31efac30, 0x515c, 0x11d0, 0xa9, 0xaa, 0x00, 0xaa, 0x00, 0x61, 0xbe, 0x93);

#define RATE 30
#define SIZES 2
static const LONG sizes[SIZES][2] = { { 640, 480 }, { 320, 240 } };

typedef struct { const char *part; LONG number, least, most, step, usual, can, now, flags; } Control;
static Control controls[] = {
    { "lens", CameraControl_Exposure, -11, -1, 1, -6, 3, -5, CameraControl_Flags_Auto },
    { "lens", CameraControl_Focus, 0, 250, 5, 0, 3, 20, CameraControl_Flags_Auto },
    { "lens", CameraControl_Pan, -180, 180, 1, 0, 2, 0, CameraControl_Flags_Manual },
    { "light", VideoProcAmp_Brightness, 0, 255, 1, 128, 2, 200, VideoProcAmp_Flags_Manual },
    { "light", VideoProcAmp_WhiteBalance, 2800, 6500, 10, 4000, 3, 4600, VideoProcAmp_Flags_Auto },
    { "light", VideoProcAmp_ColorEnable, 0, 1, 1, 1, 2, 1, VideoProcAmp_Flags_Manual },
    { "light", VideoProcAmp_Hue, 0, 0, 0, 0, 0, 0, 0 },          /* has it, and cannot set it */
    { "light", VideoProcAmp_Gamma, 100, 500, 0, 300, 2, 300, 2 },    /* in steps of none */
    { "light", VideoProcAmp_Sharpness, 9, 1, 1, 5, 2, 5, 2 },        /* from much to little */
    { "light", VideoProcAmp_Gain, 0, 10, 1, 99, 2, 5, 2 },           /* its own is out of range */
};

typedef struct {
    IBaseFilter base; IPin pin; IAMStreamConfig config; IKsPropertySet properties;
    IAMCameraControl lens; IAMVideoProcAmp light;
    LONG count, size, interval; BOOL packs, packed; FILTER_STATE state; IFilterGraph *graph; WCHAR name[128];
    IPin *other; IMemInputPin *input; IMemAllocator *store; HANDLE thread, ended;
} Camera;
typedef struct { IEnumPins pins; IEnumMediaTypes types; LONG count; ULONG at; Camera *camera; BOOL is_types; } List;

#define OF(member, it) ((Camera *) ((char *) (it) - offsetof (Camera, member)))

static void note (const char *line)
{
    FILE *log = fopen (getenv ("RIG_LOG"), "ab");
    if (log) { fprintf (log, "%s\n", line); fclose (log); }
}

static BOOL fails (const char *word)
{
    char said[32] = "";
    FILE *file = fopen (getenv ("RIG_FAULT"), "rb");
    if (!file) return FALSE;
    if (!fgets (said, sizeof said, file)) said[0] = 0;
    fclose (file);
    return !strcmp (said, word);
}

/* How pictures are told of */

static AM_MEDIA_TYPE *told (BOOL packed, LONG size, LONG interval)
{
    AM_MEDIA_TYPE *type = CoTaskMemAlloc (sizeof *type);
    VIDEOINFOHEADER *head = CoTaskMemAlloc (sizeof *head);
    memset (type, 0, sizeof *type);
    memset (head, 0, sizeof *head);
    head->AvgTimePerFrame = interval;
    head->bmiHeader.biSize = sizeof head->bmiHeader;
    head->bmiHeader.biWidth = sizes[size][0];
    head->bmiHeader.biHeight = sizes[size][1];
    head->bmiHeader.biPlanes = 1;
    head->bmiHeader.biBitCount = 24;
    head->bmiHeader.biSizeImage = sizes[size][0] * sizes[size][1] * 3;
    type->majortype = MEDIATYPE_Video;
    type->subtype = MEDIASUBTYPE_RGB24;
    type->formattype = FORMAT_VideoInfo;
    type->bFixedSizeSamples = TRUE;
    type->lSampleSize = head->bmiHeader.biSizeImage;
    if (packed) {
        head->bmiHeader.biCompression = RIG_JPEG.Data1;
        type->subtype = RIG_JPEG;
        type->bFixedSizeSamples = FALSE;
        type->bTemporalCompression = FALSE;
    }
    type->cbFormat = sizeof *head;
    type->pbFormat = (BYTE *) head;
    return type;
}

static AM_MEDIA_TYPE *now (const Camera *it) { return told (it->packed, it->size, it->interval); }

static void forget (AM_MEDIA_TYPE *type)
{
    CoTaskMemFree (type->pbFormat);
    CoTaskMemFree (type);
}

/* One filter and its pin share their life */

static HRESULT find (Camera *it, REFIID wanted, void **found)
{
    *found = NULL;
    if (IsEqualGUID (wanted, &IID_IUnknown) || IsEqualGUID (wanted, &IID_IPersist)
        || IsEqualGUID (wanted, &IID_IMediaFilter) || IsEqualGUID (wanted, &IID_IBaseFilter)) *found = &it->base;
    else if (IsEqualGUID (wanted, &IID_IAMCameraControl)) *found = &it->lens;
    else if (IsEqualGUID (wanted, &IID_IAMVideoProcAmp)) *found = &it->light;
    else return E_NOINTERFACE;
    it->count++;
    return S_OK;
}

static HRESULT find_at_pin (Camera *it, REFIID wanted, void **found)
{
    *found = NULL;
    if (IsEqualGUID (wanted, &IID_IUnknown) || IsEqualGUID (wanted, &IID_IPin)) *found = &it->pin;
    else if (IsEqualGUID (wanted, &IID_IAMStreamConfig)) *found = &it->config;
    else if (IsEqualGUID (wanted, &RIG_PROPERTIES)) *found = &it->properties;
    else return E_NOINTERFACE;
    it->count++;
    return S_OK;
}

static ULONG release (Camera *it)
{
    ULONG left = --it->count;
    if (!left) free (it);
    return left;
}

#define SHARED(kind, member, finder) \
    static HRESULT WINAPI member##_find (kind *x, REFIID i, void **f) { return finder (OF (member, x), i, f); } \
    static ULONG WINAPI member##_keep (kind *x) { return ++OF (member, x)->count; } \
    static ULONG WINAPI member##_release (kind *x) { return release (OF (member, x)); }
SHARED (IBaseFilter, base, find)
SHARED (IAMCameraControl, lens, find)
SHARED (IAMVideoProcAmp, light, find)
SHARED (IPin, pin, find_at_pin)
SHARED (IAMStreamConfig, config, find_at_pin)
SHARED (IKsPropertySet, properties, find_at_pin)

/* The controls */

static Control *control (const char *part, LONG number)
{
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
        if (!strcmp (controls[i].part, part) && controls[i].number == number) return &controls[i];
    return NULL;
}

static HRESULT range (const char *part, LONG n, LONG *least, LONG *most, LONG *step, LONG *usual, LONG *can)
{
    Control *it = control (part, n);
    if (fails ("gone")) return HRESULT_FROM_WIN32 (ERROR_DEVICE_NOT_CONNECTED);
    if (fails ("fail")) return E_FAIL;
    if (!it) return E_PROP_ID_UNSUPPORTED;
    *least = it->least; *most = it->most; *step = it->step; *usual = it->usual; *can = it->can;
    if (fails ("nonsense")) { *least = it->most; *most = it->least; *step = 0; }
    return S_OK;
}

static HRESULT get (const char *part, LONG n, LONG *value, LONG *flags)
{
    Control *it = control (part, n);
    if (fails ("gone")) return HRESULT_FROM_WIN32 (ERROR_DEVICE_NOT_CONNECTED);
    if (!it) return E_PROP_ID_UNSUPPORTED;
    *value = it->now; *flags = it->flags;
    return S_OK;
}

static HRESULT set (const char *part, LONG n, LONG value, LONG flags)
{
    char line[96];
    Control *it = control (part, n);
    if (fails ("gone")) return HRESULT_FROM_WIN32 (ERROR_DEVICE_NOT_CONNECTED);
    if (fails ("stuck")) return E_FAIL;
    if (!it) return E_PROP_ID_UNSUPPORTED;
    if (value < it->least || value > it->most || !(flags & it->can)) return E_INVALIDARG;
    it->now = value; it->flags = flags;
    snprintf (line, sizeof line, "set %s %ld %ld %ld", part, n, value, flags);
    note (line);
    return S_OK;
}

#define CONTROLS(kind, part) \
    static HRESULT WINAPI part##_range (kind *x, LONG n, LONG *a, LONG *b, LONG *c, LONG *d, LONG *e) \
    { (void) x; return range (#part, n, a, b, c, d, e); } \
    static HRESULT WINAPI part##_set (kind *x, LONG n, LONG v, LONG f) { (void) x; return set (#part, n, v, f); } \
    static HRESULT WINAPI part##_get (kind *x, LONG n, LONG *v, LONG *f) { (void) x; return get (#part, n, v, f); } \
    static kind##Vtbl part##_calls = { part##_find, part##_keep, part##_release, part##_range, part##_set, part##_get };
CONTROLS (IAMCameraControl, lens)
CONTROLS (IAMVideoProcAmp, light)

/* Lists of one pin, and of the ways in which it sends pictures */

static List *listed (Camera *it, BOOL is_types, ULONG at);

static ULONG drop (List *list)
{
    ULONG left = --list->count;
    if (!left) { release (list->camera); free (list); }
    return left;
}

#define LIST(kind, member) \
    static List *member##_of (kind *x) { return (List *) ((char *) x - offsetof (List, member)); } \
    static HRESULT WINAPI member##_find (kind *x, REFIID i, void **f) \
    { *f = IsEqualGUID (i, &IID_IUnknown) || IsEqualGUID (i, &IID_##kind) ? x : NULL; if (*f) member##_of (x)->count++; return *f ? S_OK : E_NOINTERFACE; } \
    static ULONG WINAPI member##_keep (kind *x) { return ++member##_of (x)->count; } \
    static ULONG WINAPI member##_release (kind *x) { return drop (member##_of (x)); } \
    static HRESULT WINAPI member##_skip (kind *x, ULONG n) { member##_of (x)->at += n; return S_OK; } \
    static HRESULT WINAPI member##_reset (kind *x) { member##_of (x)->at = 0; return S_OK; } \
    static HRESULT WINAPI member##_clone (kind *x, kind **f) \
    { *f = &listed (member##_of (x)->camera, member##_of (x)->is_types, member##_of (x)->at)->member; return S_OK; }
LIST (IEnumPins, pins)
LIST (IEnumMediaTypes, types)

static HRESULT WINAPI pins_next (IEnumPins *x, ULONG wanted, IPin **found, ULONG *count)
{
    List *list = pins_of (x);
    if (count) *count = 0;
    if (!wanted || list->at) return S_FALSE;
    list->at = 1;
    *found = &list->camera->pin;
    list->camera->count++;
    if (count) *count = 1;
    return wanted == 1 ? S_OK : S_FALSE;
}

static HRESULT WINAPI types_next (IEnumMediaTypes *x, ULONG wanted, AM_MEDIA_TYPE **found, ULONG *count)
{
    List *list = types_of (x);
    if (count) *count = 0;
    if (!wanted || list->at) return S_FALSE;
    list->at = 1;
    *found = now (list->camera);
    if (count) *count = 1;
    return wanted == 1 ? S_OK : S_FALSE;
}

static IEnumPinsVtbl pins_calls = { pins_find, pins_keep, pins_release, pins_next, pins_skip, pins_reset, pins_clone };
static IEnumMediaTypesVtbl types_calls = { types_find, types_keep, types_release, types_next, types_skip, types_reset, types_clone };

static List *listed (Camera *it, BOOL is_types, ULONG at)
{
    List *list = calloc (1, sizeof *list);
    list->pins.lpVtbl = &pins_calls;
    list->types.lpVtbl = &types_calls;
    list->count = 1;
    list->is_types = is_types;
    list->at = at;
    list->camera = it;
    it->count++;
    return list;
}

/* The pin */

static HRESULT WINAPI pin_connect (IPin *x, IPin *other, const AM_MEDIA_TYPE *wanted)
{
    Camera *it = OF (pin, x);
    ALLOCATOR_PROPERTIES asked = { 4, sizes[it->size][0] * sizes[it->size][1] * 3, 1, 0 }, given;
    AM_MEDIA_TYPE *type = now (it);
    HRESULT result;
    (void) wanted;
    if (it->other) result = VFW_E_ALREADY_CONNECTED;
    else if (fails ("taken")) result = HRESULT_FROM_WIN32 (ERROR_NO_SYSTEM_RESOURCES);
    else result = IPin_ReceiveConnection (other, x, type);
    forget (type);
    if (FAILED (result)) return result;
    result = IPin_QueryInterface (other, &IID_IMemInputPin, (void **) &it->input);
    if (SUCCEEDED (result)) {
        if (FAILED (IMemInputPin_GetAllocator (it->input, &it->store)))
            result = CoCreateInstance (&CLSID_MemoryAllocator, NULL, CLSCTX_INPROC_SERVER, &IID_IMemAllocator, (void **) &it->store);
    }
    if (SUCCEEDED (result)) result = IMemAllocator_SetProperties (it->store, &asked, &given);
    if (SUCCEEDED (result)) result = IMemInputPin_NotifyAllocator (it->input, it->store, FALSE);
    if (FAILED (result)) { IPin_Disconnect (other); return result; }
    it->other = other;
    IPin_AddRef (other);
    return S_OK;
}

static HRESULT WINAPI pin_receive (IPin *x, IPin *other, const AM_MEDIA_TYPE *type) { (void) x; (void) other; (void) type; return E_UNEXPECTED; }

static HRESULT WINAPI pin_disconnect (IPin *x)
{
    Camera *it = OF (pin, x);
    if (!it->other) return S_FALSE;
    IMemAllocator_Decommit (it->store);
    IMemAllocator_Release (it->store);
    IMemInputPin_Release (it->input);
    IPin_Release (it->other);
    it->other = NULL; it->input = NULL; it->store = NULL;
    return S_OK;
}

static HRESULT WINAPI pin_connected (IPin *x, IPin **other)
{
    *other = OF (pin, x)->other;
    if (*other) IPin_AddRef (*other);
    return *other ? S_OK : VFW_E_NOT_CONNECTED;
}

static HRESULT WINAPI pin_type (IPin *x, AM_MEDIA_TYPE *type)
{
    AM_MEDIA_TYPE *mine = now (OF (pin, x));
    *type = *mine;
    CoTaskMemFree (mine);
    return OF (pin, x)->other ? S_OK : VFW_E_NOT_CONNECTED;
}

static HRESULT WINAPI pin_info (IPin *x, PIN_INFO *info)
{
    info->pFilter = &OF (pin, x)->base;
    IBaseFilter_AddRef (info->pFilter);
    info->dir = PINDIR_OUTPUT;
    wcscpy (info->achName, L"Capture");
    return S_OK;
}

static HRESULT WINAPI pin_direction (IPin *x, PIN_DIRECTION *way) { (void) x; *way = PINDIR_OUTPUT; return S_OK; }

static HRESULT WINAPI pin_id (IPin *x, LPWSTR *id)
{
    (void) x;
    *id = CoTaskMemAlloc (sizeof L"Capture");
    memcpy (*id, L"Capture", sizeof L"Capture");
    return S_OK;
}

static HRESULT WINAPI pin_accepts (IPin *x, const AM_MEDIA_TYPE *type) { return IsEqualGUID (&type->subtype, OF (pin, x)->packed ? &RIG_JPEG : &MEDIASUBTYPE_RGB24) ? S_OK : S_FALSE; }
static HRESULT WINAPI pin_types (IPin *x, IEnumMediaTypes **found) { *found = &listed (OF (pin, x), TRUE, 0)->types; return S_OK; }
static HRESULT WINAPI pin_inside (IPin *x, IPin **pins, ULONG *count) { (void) x; (void) pins; (void) count; return E_NOTIMPL; }
static HRESULT WINAPI pin_nothing (IPin *x) { (void) x; return S_OK; }
static HRESULT WINAPI pin_segment (IPin *x, REFERENCE_TIME a, REFERENCE_TIME b, double rate) { (void) x; (void) a; (void) b; (void) rate; return S_OK; }

static IPinVtbl pin_calls = {
    pin_find, pin_keep, pin_release, pin_connect, pin_receive, pin_disconnect, pin_connected, pin_type, pin_info,
    pin_direction, pin_id, pin_accepts, pin_types, pin_inside, pin_nothing, pin_nothing, pin_nothing, pin_segment,
};

static HRESULT WINAPI config_set (IAMStreamConfig *x, AM_MEDIA_TYPE *type)
{
    Camera *it = OF (config, x);
    VIDEOINFOHEADER *head = (VIDEOINFOHEADER *) type->pbFormat;
    BOOL packed = IsEqualGUID (&type->subtype, &RIG_JPEG);
    if (packed && (!it->packs || fails ("unpacked"))) return VFW_E_INVALIDMEDIATYPE;
    for (LONG i = 0; i < SIZES; i++)
        if (head->bmiHeader.biWidth == sizes[i][0] && head->bmiHeader.biHeight == sizes[i][1]) {
            it->size = i;
            it->packed = packed;
            if (head->AvgTimePerFrame > 0) it->interval = head->AvgTimePerFrame;
            return S_OK;
        }
    return VFW_E_INVALIDMEDIATYPE;
}

static int ways (const Camera *it) { return it->packs ? 2 * SIZES : SIZES; }

static HRESULT WINAPI config_get (IAMStreamConfig *x, AM_MEDIA_TYPE **type) { *type = now (OF (config, x)); return S_OK; }
static HRESULT WINAPI config_count (IAMStreamConfig *x, int *count, int *size) { *count = ways (OF (config, x)) + 1; *size = sizeof (VIDEO_STREAM_CONFIG_CAPS); return S_OK; }

static HRESULT WINAPI config_ways (IAMStreamConfig *x, int index, AM_MEDIA_TYPE **type, BYTE *about)
{
    VIDEO_STREAM_CONFIG_CAPS *caps = (VIDEO_STREAM_CONFIG_CAPS *) about;
    int count = ways (OF (config, x));
    if (index < 0 || index >= count) return index == count ? E_FAIL : S_FALSE;  /* announces one that it has not */
    memset (caps, 0, sizeof *caps);
    caps->MinFrameInterval = 10000000 / RATE;
    caps->MaxFrameInterval = 10000000 / 5;
    *type = told (index >= SIZES, index % SIZES, 10000000 / RATE);
    return S_OK;
}

static IAMStreamConfigVtbl config_calls = { config_find, config_keep, config_release, config_set, config_get, config_count, config_ways };

static HRESULT WINAPI properties_set (IKsPropertySet *x, REFGUID set, DWORD id, void *a, DWORD b, void *c, DWORD d)
{ (void) x; (void) set; (void) id; (void) a; (void) b; (void) c; (void) d; return E_NOTIMPL; }

static HRESULT WINAPI properties_get (IKsPropertySet *x, REFGUID set, DWORD id, void *a, DWORD b, void *found, DWORD room, DWORD *size)
{
    (void) x; (void) id; (void) a; (void) b;
    if (!IsEqualGUID (set, &RIG_PINS) || room < sizeof (GUID)) return E_PROP_SET_UNSUPPORTED;
    memcpy (found, &RIG_CAPTURE, sizeof (GUID));
    if (size) *size = sizeof (GUID);
    return S_OK;
}

static HRESULT WINAPI properties_can (IKsPropertySet *x, REFGUID set, DWORD id, DWORD *can)
{ (void) x; (void) id; *can = KSPROPERTY_SUPPORT_GET; return IsEqualGUID (set, &RIG_PINS) ? S_OK : E_PROP_SET_UNSUPPORTED; }

static IKsPropertySetVtbl properties_calls = { properties_find, properties_keep, properties_release, properties_set, properties_get, properties_can };

/* The filter */

static void draw (Camera *it, BYTE *pixels)
{
    LONG width = sizes[it->size][0], height = sizes[it->size][1];
    memset (pixels, control ("light", VideoProcAmp_Brightness)->now, width * height * 3);
    for (LONG y = height / 2; y < height; y++)  /* the lowest row comes first */
        memset (pixels + y * width * 3, 0, width / 2 * 3);
}

/* Returns how many bytes there are. */
static LONG fill (Camera *it, BYTE *room, LONG most)
{
    char name[512];
    FILE *file;
    LONG length;
    if (!it->packed) { draw (it, room); return most; }
    snprintf (name, sizeof name, "%s\\%ldx%ld.jpg", getenv ("RIG_FILM"), sizes[it->size][0], sizes[it->size][1]);
    file = fopen (name, "rb");
    if (!file) return 0;
    length = fread (room, 1, most, file);
    fclose (file);
    return fails ("half") ? length / 2 : length;
}

/* Returns whether it told of an end, after which nothing comes. */
static BOOL ends (Camera *it)
{
    IMediaEventSink *sink;
    if (fails ("ended")) { IPin_EndOfStream (it->other); return TRUE; }
    if (!fails ("lost")) return FALSE;
    if (SUCCEEDED (IFilterGraph_QueryInterface (it->graph, &IID_IMediaEventSink, (void **) &sink))) {
        IMediaEventSink_Notify (sink, EC_DEVICE_LOST, (LONG_PTR) &it->base, 0);
        IMediaEventSink_Release (sink);
    }
    return TRUE;
}

static DWORD WINAPI stream (void *camera)
{
    Camera *it = camera;
    while (WaitForSingleObject (it->ended, it->interval / 10000) == WAIT_TIMEOUT) {
        IMediaSample *sample;
        BYTE *room;
        if (fails ("gone") || fails ("stall")) continue;
        if (ends (it)) break;
        if (FAILED (IMemAllocator_GetBuffer (it->store, &sample, NULL, NULL, 0))) break;
        IMediaSample_GetPointer (sample, &room);
        IMediaSample_SetActualDataLength (sample, fill (it, room, sizes[it->size][0] * sizes[it->size][1] * 3));
        IMemInputPin_Receive (it->input, sample);
        IMediaSample_Release (sample);
    }
    return 0;
}

static HRESULT WINAPI base_class (IBaseFilter *x, CLSID *id) { (void) x; *id = CLSID_RIG; return S_OK; }

static HRESULT WINAPI base_stop (IBaseFilter *x)
{
    Camera *it = OF (base, x);
    if (it->thread) {
        SetEvent (it->ended);
        IMemAllocator_Decommit (it->store);
        WaitForSingleObject (it->thread, INFINITE);
        CloseHandle (it->thread);
        CloseHandle (it->ended);
        it->thread = NULL;
        note ("off");
    }
    it->state = State_Stopped;
    return S_OK;
}

static HRESULT start (Camera *it, FILTER_STATE state)
{
    if (it->other && !it->thread) {
        note ("on");
        IMemAllocator_Commit (it->store);
        it->ended = CreateEventW (NULL, TRUE, FALSE, NULL);
        it->thread = CreateThread (NULL, 0, stream, it, 0, NULL);
    }
    it->state = state;
    return S_OK;
}

static HRESULT WINAPI base_pause (IBaseFilter *x) { return start (OF (base, x), State_Paused); }
static HRESULT WINAPI base_run (IBaseFilter *x, REFERENCE_TIME when) { (void) when; return start (OF (base, x), State_Running); }
static HRESULT WINAPI base_state (IBaseFilter *x, DWORD most, FILTER_STATE *state) { (void) most; *state = OF (base, x)->state; return *state == State_Paused ? VFW_S_CANT_CUE : S_OK; }
static HRESULT WINAPI base_set_clock (IBaseFilter *x, IReferenceClock *clock) { (void) x; (void) clock; return S_OK; }
static HRESULT WINAPI base_get_clock (IBaseFilter *x, IReferenceClock **clock) { (void) x; *clock = NULL; return S_OK; }
static HRESULT WINAPI base_pins (IBaseFilter *x, IEnumPins **found) { *found = &listed (OF (base, x), FALSE, 0)->pins; return S_OK; }

static HRESULT WINAPI base_pin (IBaseFilter *x, LPCWSTR id, IPin **found)
{
    *found = wcscmp (id, L"Capture") ? NULL : &OF (base, x)->pin;
    if (*found) IPin_AddRef (*found);
    return *found ? S_OK : VFW_E_NOT_FOUND;
}

static HRESULT WINAPI base_info (IBaseFilter *x, FILTER_INFO *info)
{
    wcscpy (info->achName, OF (base, x)->name);
    info->pGraph = OF (base, x)->graph;
    if (info->pGraph) IFilterGraph_AddRef (info->pGraph);
    return S_OK;
}

static HRESULT WINAPI base_join (IBaseFilter *x, IFilterGraph *graph, LPCWSTR name)
{
    OF (base, x)->graph = graph;  /* which owns us, so that it is not kept */
    lstrcpynW (OF (base, x)->name, name ? name : L"", 128);
    return S_OK;
}

static HRESULT WINAPI base_maker (IBaseFilter *x, LPWSTR *maker) { (void) x; (void) maker; return E_NOTIMPL; }

static IBaseFilterVtbl base_calls = {
    base_find, base_keep, base_release, base_class, base_stop, base_pause, base_run, base_state, base_set_clock,
    base_get_clock, base_pins, base_pin, base_info, base_join, base_maker,
};

/* What makes filters */

static IClassFactory maker, packing;

static HRESULT WINAPI make_find (IClassFactory *x, REFIID wanted, void **found)
{
    *found = IsEqualGUID (wanted, &IID_IUnknown) || IsEqualGUID (wanted, &IID_IClassFactory) ? x : NULL;
    return *found ? S_OK : E_NOINTERFACE;
}

static ULONG WINAPI make_keep (IClassFactory *x) { (void) x; return 2; }
static ULONG WINAPI make_release (IClassFactory *x) { (void) x; return 1; }
static HRESULT WINAPI make_lock (IClassFactory *x, BOOL on) { (void) x; (void) on; return S_OK; }

static HRESULT WINAPI make_one (IClassFactory *x, IUnknown *outer, REFIID wanted, void **found)
{
    Camera *it;
    HRESULT result;
    *found = NULL;
    if (outer) return CLASS_E_NOAGGREGATION;
    if (fails ("gone")) return HRESULT_FROM_WIN32 (ERROR_DEVICE_NOT_CONNECTED);
    if (fails ("denied")) return E_ACCESSDENIED;
    if (fails ("busy")) return HRESULT_FROM_WIN32 (ERROR_NO_SYSTEM_RESOURCES);
    it = calloc (1, sizeof *it);
    it->base.lpVtbl = &base_calls;
    it->pin.lpVtbl = &pin_calls;
    it->config.lpVtbl = &config_calls;
    it->properties.lpVtbl = &properties_calls;
    it->lens.lpVtbl = &lens_calls;
    it->light.lpVtbl = &light_calls;
    it->count = 1;
    it->packs = x == &packing;
    it->interval = 10000000 / RATE;
    result = find (it, wanted, found);
    release (it);
    return result;
}

static IClassFactoryVtbl make_calls = { make_find, make_keep, make_release, make_one, make_lock };
static IClassFactory maker = { &make_calls }, packing = { &make_calls };

HRESULT WINAPI DllGetClassObject (REFCLSID class, REFIID wanted, void **found)
{
    *found = NULL;
    if (IsEqualGUID (class, &CLSID_JPEG)) return make_find (&packing, wanted, found);
    return IsEqualGUID (class, &CLSID_RIG) ? make_find (&maker, wanted, found) : CLASS_E_CLASSNOTAVAILABLE;
}

HRESULT WINAPI DllCanUnloadNow (void) { return S_FALSE; }
