/* A SANE backend that serves true pages and fails on command.
 *
 * Build:  gcc -O2 -fPIC -shared -Wl,-soname,libsane-rig.so.1 -o libsane-rig.so.1 rig.c
 * Use:    LD_LIBRARY_PATH  the folder of the built file
 *         SANE_CONFIG_DIR  a folder whose dll.conf holds the line "rig"
 *         SANE_RIG_DIR     the rig's folder, read afresh at every list, open and start:
 *
 *   devices      one a line: NAME|VENDOR|MODEL|FOLDER. Adding a line plugs a device in.
 *   FOLDER/      page01.ppm, page02.ppm ... (P6, 300 dpi). A feeder takes them in order and is then
 *                empty once; the flatbed always gives the first. "ADF Front" skips every second.
 *   NAME.fault   words KEY=NUMBER:
 *     open, start     sane_open or sane_start returns this status
 *     page            the other faults belong to the Nth start since the device was opened; 0: all
 *     line            they happen after so many lines
 *     status          sane_read returns this status
 *     hang crash spin exit    never return; write to address 0; burn a core; leave the process
 *     short extra     end so many lines early or late, without a word
 *     pad             so many bytes of garbage after each line
 *     unknown         the height is not told
 *     delay_us        sleep before each line
 *   NAME.log     what the frontend called: start, cancel, close, one a line
 *   NAME.ends    where it exists: when each page's last row was handed over, monotonic seconds
 *
 * In a feeder the paper's size is an option of its own and limits the scan area, as in document
 * scanners that centre their paper.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>

#include <sane/sane.h>
#include <sane/saneopts.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum {
  COUNT, GROUP, MODE, RESOLUTION, SOURCE, LEFT, TOP, RIGHT, BOTTOM, PAPER_WIDTH, PAPER_HEIGHT,
  BRIGHTNESS, THRESHOLD, LOADED, RESET, OPTIONS
};
enum { LINEART, GRAY, COLOR };
enum { FLATBED, FRONT, DUPLEX };

#define MOST_DEVICES 64
#define DOTS 300


static const SANE_String_Const modes[] = { "Lineart", "Gray", "Color", NULL };
static const SANE_String_Const sources[] = { "Flatbed", "ADF Front", "ADF Duplex", NULL };
static const SANE_Word resolutions[] = { 6, 75, 100, 150, 200, 300, 600 };
static const SANE_Range glass_x = { 0, SANE_FIX (216), 0 };
static const SANE_Range glass_y = { 0, SANE_FIX (297), 0 };
static const SANE_Range paper_x = { SANE_FIX (50), SANE_FIX (216), 0 };
static const SANE_Range paper_y = { SANE_FIX (50), SANE_FIX (356), 0 };
static const SANE_Range brightness = { -127, 127, 1 };
static const SANE_Range threshold = { 0, 255, 1 };

typedef struct {
  int open, start, page, line, status, hang, crash, spin, exit, short_, extra, pad, unknown;
  int delay_us;
} Fault;

typedef struct {
  char name[64], folder[PATH_MAX];
  SANE_Option_Descriptor options[OPTIONS];
  SANE_Word values[OPTIONS];             /* of mode and source: the place in their lists */
  SANE_Range area_x, area_y;             /* the glass, or the paper in the feeder */
  Fault fault;
  SANE_Parameters parameters;
  int next_page, starts, scanning, cancelled;
  int line, lines, row_size, row_read;
  unsigned char *row, *file, *pixels;
  size_t file_size;
  int width, height;
} Device;

static SANE_Device *listed[MOST_DEVICES + 1];

static const char *rig_folder (void)
{
  const char *folder = getenv ("SANE_RIG_DIR");
  return folder ? folder : ".";
}

static void note (const Device *device, const char *call)
{
  char path[PATH_MAX];
  snprintf (path, sizeof path, "%s/%s.log", rig_folder (), device->name);
  FILE *log = fopen (path, "a");
  if (!log)
    return;
  fprintf (log, "%s\n", call);
  fclose (log);
}

static void note_end (const Device *device)
{
  char path[PATH_MAX];
  snprintf (path, sizeof path, "%s/%s.ends", rig_folder (), device->name);
  FILE *file = fopen (path, "r+");
  if (!file)
    return;
  struct timespec now;
  clock_gettime (CLOCK_MONOTONIC, &now);
  fseek (file, 0, SEEK_END);
  fprintf (file, "%ld.%09ld\n", (long) now.tv_sec, now.tv_nsec);
  fclose (file);
}

/* ---- devices --------------------------------------------------------------------------------- */

static int next_device (FILE *file, char *line, int size, char *fields[4])
{
  while (fgets (line, size, file)) {
    char *rest = line;
    int count = 0;
    line[strcspn (line, "\r\n")] = 0;
    while (count < 4 && rest)
      fields[count++] = strsep (&rest, "|");
    if (count == 4)
      return 1;
  }
  return 0;
}

static FILE *open_devices (void)
{
  char path[PATH_MAX];
  snprintf (path, sizeof path, "%s/devices", rig_folder ());
  return fopen (path, "r");
}

static void forget_listed (void)
{
  for (int i = 0; listed[i]; i++) {
    free ((void *) listed[i]->name);
    free ((void *) listed[i]->vendor);
    free ((void *) listed[i]->model);
    free (listed[i]);
    listed[i] = NULL;
  }
}

static int find (const char *name, char *folder)
{
  char line[PATH_MAX + 256], *fields[4];
  FILE *file = open_devices ();
  int found = 0;
  while (file && !found && next_device (file, line, sizeof line, fields))
    if (!strcmp (fields[0], name)) {
      snprintf (folder, PATH_MAX, "%s", fields[3]);
      found = 1;
    }
  if (file)
    fclose (file);
  return found;
}

SANE_Status sane_rig_get_devices (const SANE_Device ***list, SANE_Bool local)
{
  char line[PATH_MAX + 256], *fields[4];
  FILE *file = open_devices ();
  int count = 0;
  (void) local;
  forget_listed ();
  while (file && count < MOST_DEVICES && next_device (file, line, sizeof line, fields)) {
    SANE_Device *device = calloc (1, sizeof *device);
    device->name = strdup (fields[0]);
    device->vendor = strdup (fields[1]);
    device->model = strdup (fields[2]);
    device->type = "virtual device";
    listed[count++] = device;
  }
  if (file)
    fclose (file);
  *list = (const SANE_Device **) listed;
  return SANE_STATUS_GOOD;
}

/* ---- faults ---------------------------------------------------------------------------------- */

static void read_fault (Device *device)
{
  static const struct { const char *key; size_t place; } keys[] = {
    { "open", offsetof (Fault, open) },     { "start", offsetof (Fault, start) },
    { "page", offsetof (Fault, page) },     { "line", offsetof (Fault, line) },
    { "status", offsetof (Fault, status) }, { "hang", offsetof (Fault, hang) },
    { "crash", offsetof (Fault, crash) },   { "spin", offsetof (Fault, spin) },
    { "exit", offsetof (Fault, exit) },     { "short", offsetof (Fault, short_) },
    { "extra", offsetof (Fault, extra) },   { "pad", offsetof (Fault, pad) },
    { "unknown", offsetof (Fault, unknown) }, { "delay_us", offsetof (Fault, delay_us) },
  };
  char path[PATH_MAX], word[128], key[64];
  int value;
  memset (&device->fault, 0, sizeof device->fault);
  snprintf (path, sizeof path, "%s/%s.fault", rig_folder (), device->name);
  FILE *file = fopen (path, "r");
  while (file && fscanf (file, "%127s", word) == 1)
    if (sscanf (word, "%63[a-z_]=%d", key, &value) == 2)
      for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp (key, keys[i].key))
          *(int *) ((char *) &device->fault + keys[i].place) = value;
  if (file)
    fclose (file);
}

static int faulty_page (const Device *device)
{
  return !device->fault.page || device->fault.page == device->starts;
}

static int fault_is_due (const Device *device)
{
  const Fault *fault = &device->fault;
  int any = fault->status || fault->hang || fault->crash || fault->spin || fault->exit;
  return any && device->line == fault->line && faulty_page (device);
}

static SANE_Status fail (const Device *device)
{
  volatile int forever = 1;
  if (device->fault.crash)
    *(volatile int *) 0 = 1;
  if (device->fault.exit)
    exit (3);
  while (device->fault.hang)
    pause ();
  while (device->fault.spin && forever)
    ;
  return device->fault.status;
}

/* ---- options --------------------------------------------------------------------------------- */

static SANE_Option_Descriptor *
describe (Device *device, int index, const char *name, SANE_Value_Type type, SANE_Word value)
{
  SANE_Option_Descriptor *option = &device->options[index];
  option->name = name;
  option->title = name;
  option->desc = name;
  option->type = type;
  option->size = type == SANE_TYPE_STRING ? 32 : sizeof (SANE_Word);
  option->cap = SANE_CAP_SOFT_SELECT | SANE_CAP_SOFT_DETECT;
  device->values[index] = value;
  return option;
}

static void describe_range (Device *device, int index, const char *name, SANE_Unit unit,
                            const SANE_Range *range, SANE_Word value)
{
  SANE_Value_Type type = unit == SANE_UNIT_MM ? SANE_TYPE_FIXED : SANE_TYPE_INT;
  SANE_Option_Descriptor *option = describe (device, index, name, type, value);
  option->unit = unit;
  option->constraint_type = SANE_CONSTRAINT_RANGE;
  option->constraint.range = range;
}

static void describe_list (Device *device, int index, const char *name,
                           const SANE_String_Const *list, SANE_Word value)
{
  SANE_Option_Descriptor *option = describe (device, index, name, SANE_TYPE_STRING, value);
  option->constraint_type = SANE_CONSTRAINT_STRING_LIST;
  option->constraint.string_list = list;
}

static void activate (Device *device, int index, int active)
{
  if (active)
    device->options[index].cap &= ~SANE_CAP_INACTIVE;
  else
    device->options[index].cap |= SANE_CAP_INACTIVE;
}

/* What depends on other options: the paper of a feeder, the threshold of lineart. */
static void settle (Device *device)
{
  int feeder = device->values[SOURCE] != FLATBED;
  activate (device, PAPER_WIDTH, feeder);
  activate (device, PAPER_HEIGHT, feeder);
  activate (device, THRESHOLD, device->values[MODE] == LINEART);
  activate (device, BRIGHTNESS, device->values[MODE] != LINEART);
  device->area_x = glass_x;
  device->area_y = glass_y;
  if (feeder) {
    device->area_x.max = device->values[PAPER_WIDTH];
    device->area_y.max = device->values[PAPER_HEIGHT];
  }
  if (device->values[RIGHT] > device->area_x.max)
    device->values[RIGHT] = device->area_x.max;
  if (device->values[BOTTOM] > device->area_y.max)
    device->values[BOTTOM] = device->area_y.max;
}

static void describe_all (Device *device)
{
  describe (device, COUNT, "", SANE_TYPE_INT, OPTIONS)->cap = SANE_CAP_SOFT_DETECT;
  describe (device, GROUP, "", SANE_TYPE_GROUP, 0)->cap = 0;
  device->options[GROUP].title = "Standard";
  device->options[GROUP].size = 0;
  describe_list (device, MODE, SANE_NAME_SCAN_MODE, modes, COLOR);
  SANE_Option_Descriptor *option =
    describe (device, RESOLUTION, SANE_NAME_SCAN_RESOLUTION, SANE_TYPE_INT, DOTS);
  option->unit = SANE_UNIT_DPI;
  option->constraint_type = SANE_CONSTRAINT_WORD_LIST;
  option->constraint.word_list = resolutions;
  describe_list (device, SOURCE, SANE_NAME_SCAN_SOURCE, sources, FLATBED);
  describe_range (device, LEFT, SANE_NAME_SCAN_TL_X, SANE_UNIT_MM, &device->area_x, 0);
  describe_range (device, TOP, SANE_NAME_SCAN_TL_Y, SANE_UNIT_MM, &device->area_y, 0);
  describe_range (device, RIGHT, SANE_NAME_SCAN_BR_X, SANE_UNIT_MM, &device->area_x,
                  SANE_FIX (210));
  describe_range (device, BOTTOM, SANE_NAME_SCAN_BR_Y, SANE_UNIT_MM, &device->area_y,
                  SANE_FIX (297));
  describe_range (device, PAPER_WIDTH, "page-width", SANE_UNIT_MM, &paper_x, SANE_FIX (215.9));
  describe_range (device, PAPER_HEIGHT, "page-height", SANE_UNIT_MM, &paper_y, SANE_FIX (279.4));
  describe_range (device, BRIGHTNESS, SANE_NAME_BRIGHTNESS, SANE_UNIT_NONE, &brightness, 0);
  describe_range (device, THRESHOLD, SANE_NAME_THRESHOLD, SANE_UNIT_NONE, &threshold, 128);
  describe (device, LOADED, "page-loaded", SANE_TYPE_BOOL, 0)->cap =
    SANE_CAP_SOFT_DETECT | SANE_CAP_HARD_SELECT;
  describe (device, RESET, "reset", SANE_TYPE_BUTTON, 0)->cap = SANE_CAP_SOFT_SELECT;
  device->options[RESET].size = 0;
  settle (device);
}

static const SANE_String_Const *words_of (int index)
{
  return index == MODE ? modes : index == SOURCE ? sources : NULL;
}

static void page_path (const Device *device, int page, char *path)
{
  if (snprintf (path, PATH_MAX, "%s/page%02d.ppm", device->folder, page) >= PATH_MAX)
    path[0] = 0;
}

static SANE_Status get_option (Device *device, int index, void *value)
{
  const SANE_String_Const *words = words_of (index);
  char path[PATH_MAX];
  if (index == LOADED) {
    page_path (device, device->next_page, path);
    device->values[LOADED] = access (path, R_OK) == 0;
  }
  if (words)
    strcpy (value, words[device->values[index]]);
  else
    *(SANE_Word *) value = device->values[index];
  return SANE_STATUS_GOOD;
}

static SANE_Status choose_word (Device *device, int index, const char *word)
{
  const SANE_String_Const *words = words_of (index);
  for (int i = 0; words[i]; i++)
    if (!strcmp (words[i], word)) {
      if (index == SOURCE && device->values[index] != i)
        device->next_page = 1;
      device->values[index] = i;
      return SANE_STATUS_GOOD;
    }
  return SANE_STATUS_INVAL;
}

static SANE_Word nearest (const SANE_Option_Descriptor *option, SANE_Word wanted)
{
  if (option->constraint_type == SANE_CONSTRAINT_RANGE) {
    const SANE_Range *range = option->constraint.range;
    return wanted < range->min ? range->min : wanted > range->max ? range->max : wanted;
  }
  const SANE_Word *list = option->constraint.word_list;
  int best = 1;
  for (int i = 1; i <= list[0]; i++)
    if (abs (list[i] - wanted) < abs (list[best] - wanted))
      best = i;
  return list[best];
}

static SANE_Status set_option (Device *device, int index, void *value, SANE_Int *info)
{
  SANE_Option_Descriptor *option = &device->options[index];
  if (!(option->cap & SANE_CAP_SOFT_SELECT) || option->cap & SANE_CAP_INACTIVE || device->scanning)
    return SANE_STATUS_INVAL;
  if (index == RESET) {
    describe_all (device);
    *info |= SANE_INFO_RELOAD_OPTIONS;
    return SANE_STATUS_GOOD;
  }
  *info |= SANE_INFO_RELOAD_PARAMS;
  if (words_of (index)) {
    if (choose_word (device, index, value) != SANE_STATUS_GOOD)
      return SANE_STATUS_INVAL;
    *info |= SANE_INFO_RELOAD_OPTIONS;
  }
  else {
    device->values[index] = nearest (option, *(SANE_Word *) value);
    if (device->values[index] != *(SANE_Word *) value)
      *info |= SANE_INFO_INEXACT;
    if (index == PAPER_WIDTH || index == PAPER_HEIGHT)
      *info |= SANE_INFO_RELOAD_OPTIONS;
  }
  settle (device);
  return SANE_STATUS_GOOD;
}

SANE_Status sane_rig_control_option (SANE_Handle handle, SANE_Int index, SANE_Action action,
                                     void *value, SANE_Int *info)
{
  SANE_Int unheard = 0;
  info = info ? info : &unheard;
  *info = 0;
  if (index < 0 || index >= OPTIONS || index == GROUP)
    return SANE_STATUS_INVAL;
  if (action == SANE_ACTION_GET_VALUE)
    return get_option (handle, index, value);
  if (action == SANE_ACTION_SET_VALUE)
    return set_option (handle, index, value, info);
  return SANE_STATUS_INVAL;
}

const SANE_Option_Descriptor *sane_rig_get_option_descriptor (SANE_Handle handle, SANE_Int index)
{
  return index < 0 || index >= OPTIONS ? NULL : &((Device *) handle)->options[index];
}

/* ---- pages ----------------------------------------------------------------------------------- */

SANE_Status sane_rig_get_parameters (SANE_Handle handle, SANE_Parameters *parameters)
{
  Device *device = handle;
  if (!device->scanning) {
    double dots = device->values[RESOLUTION] / 25.4;
    int mode = device->values[MODE];
    SANE_Parameters next = { 0 };
    next.format = mode == COLOR ? SANE_FRAME_RGB : SANE_FRAME_GRAY;
    next.depth = mode == LINEART ? 1 : 8;
    next.last_frame = SANE_TRUE;
    next.pixels_per_line = SANE_UNFIX (device->values[RIGHT] - device->values[LEFT]) * dots;
    next.lines = SANE_UNFIX (device->values[BOTTOM] - device->values[TOP]) * dots;
    int samples = next.pixels_per_line * (mode == COLOR ? 3 : 1);
    next.bytes_per_line = (mode == LINEART ? (samples + 7) / 8 : samples) + device->fault.pad;
    device->parameters = next;
  }
  if (parameters) {
    *parameters = device->parameters;
    if (device->fault.unknown)
      parameters->lines = -1;
  }
  return SANE_STATUS_GOOD;
}

static void put_away (Device *device)
{
  if (device->file)
    munmap (device->file, device->file_size);
  free (device->row);
  device->file = device->row = NULL;
}

static SANE_Status take_page (Device *device, const char *path)
{
  struct stat status;
  char start[64];
  int most = 0, head = 0;
  int file = open (path, O_RDONLY);
  if (file < 0)
    return SANE_STATUS_NO_DOCS;
  fstat (file, &status);
  device->file_size = status.st_size;
  device->file = mmap (NULL, device->file_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  close (file);
  if (device->file == MAP_FAILED) {
    device->file = NULL;
    return SANE_STATUS_IO_ERROR;
  }
  /* sscanf looks for the end of its text, which would be all of the page. */
  snprintf (start, sizeof start, "%.*s", (int) sizeof start - 1, (char *) device->file);
  int fields = sscanf (start, "P6 %d %d %d%n", &device->width, &device->height, &most, &head);
  size_t needed = head + 1 + 3ul * device->width * device->height;
  if (fields != 3 || most != 255 || device->file_size < needed)
    return SANE_STATUS_IO_ERROR;
  device->pixels = device->file + head + 1;
  return SANE_STATUS_GOOD;
}

SANE_Status sane_rig_start (SANE_Handle handle)
{
  Device *device = handle;
  char path[PATH_MAX];
  int page = 1, feeder = device->values[SOURCE] != FLATBED;
  note (device, "start");
  read_fault (device);
  put_away (device);
  device->scanning = device->cancelled = 0;
  device->starts++;
  if (device->fault.start && faulty_page (device))
    return device->fault.start;
  if (feeder) {
    page = device->next_page;
    device->next_page += device->values[SOURCE] == FRONT ? 2 : 1;
  }
  page_path (device, page, path);
  SANE_Status status = take_page (device, path);
  if (status == SANE_STATUS_NO_DOCS)
    device->next_page = 1;
  if (status != SANE_STATUS_GOOD)
    return status;
  sane_rig_get_parameters (device, NULL);
  if (device->parameters.pixels_per_line < 1 || device->parameters.lines < 1)
    return SANE_STATUS_INVAL;
  device->row = calloc (1, device->parameters.bytes_per_line);
  device->line = device->row_read = device->row_size = 0;
  device->lines = device->parameters.lines;
  if (faulty_page (device))
    device->lines += device->fault.extra - device->fault.short_;
  device->scanning = 1;
  return SANE_STATUS_GOOD;
}

static void put_pixel (const Device *device, int place, const unsigned char *pixel)
{
  unsigned char *row = device->row;
  int gray = (pixel[0] * 77 + pixel[1] * 150 + pixel[2] * 29) >> 8;
  if (device->values[MODE] == COLOR)
    memcpy (row + 3 * place, pixel, 3);
  else if (device->values[MODE] == GRAY)
    row[place] = gray;
  else if (gray < device->values[THRESHOLD])
    row[place / 8] |= 128 >> (place & 7);
}

static void make_row (Device *device)
{
  static const unsigned char white[3] = { 255, 255, 255 };
  double scale = (double) DOTS / device->values[RESOLUTION];
  int left = SANE_UNFIX (device->values[LEFT]) * DOTS / 25.4;
  int y = SANE_UNFIX (device->values[TOP]) * DOTS / 25.4 + device->line * scale;
  int width = device->parameters.pixels_per_line;
  const unsigned char *line = device->pixels + 3ul * device->width * (y < device->height ? y : 0);
  int inside = y < device->height && left + width <= device->width;
  if (inside && device->values[MODE] == COLOR && scale == 1.0) {
    memcpy (device->row, line + 3 * left, 3ul * width);
    memset (device->row + 3 * width, 0xAA, device->parameters.bytes_per_line - 3 * width);
    return;
  }
  memset (device->row, device->values[MODE] == LINEART ? 0 : 0xAA, device->parameters.bytes_per_line);
  for (int i = 0; i < width; i++) {
    int x = left + i * scale;
    put_pixel (device, i, x < device->width && y < device->height ? line + 3 * x : white);
  }
}

SANE_Status sane_rig_read (SANE_Handle handle, SANE_Byte *buffer, SANE_Int most, SANE_Int *length)
{
  Device *device = handle;
  *length = 0;
  if (device->cancelled)
    return SANE_STATUS_CANCELLED;
  if (!device->scanning)
    return SANE_STATUS_INVAL;
  while (*length < most) {
    if (device->row_read == device->row_size) {
      if (*length && (fault_is_due (device) || device->line == device->lines
                      || device->fault.delay_us))
        return SANE_STATUS_GOOD;
      if (fault_is_due (device))
        return fail (device);
      if (device->line == device->lines) {
        device->scanning = 0;
        note_end (device);
        return SANE_STATUS_EOF;
      }
      if (device->fault.delay_us)
        usleep (device->fault.delay_us);
      make_row (device);
      device->line++;
      device->row_read = 0;
      device->row_size = device->parameters.bytes_per_line;
    }
    int count = device->row_size - device->row_read;
    if (count > most - *length)
      count = most - *length;
    memcpy (buffer + *length, device->row + device->row_read, count);
    *length += count;
    device->row_read += count;
  }
  return SANE_STATUS_GOOD;
}

void sane_rig_cancel (SANE_Handle handle)
{
  Device *device = handle;
  note (device, "cancel");
  device->cancelled = device->scanning;
  device->scanning = 0;
}

/* ---- the rest -------------------------------------------------------------------------------- */

SANE_Status sane_rig_init (SANE_Int *version, SANE_Auth_Callback ask)
{
  (void) ask;
  if (version)
    *version = SANE_VERSION_CODE (1, 0, 0);
  return SANE_STATUS_GOOD;
}

void sane_rig_exit (void)
{
  forget_listed ();
}

SANE_Status sane_rig_open (SANE_String_Const name, SANE_Handle *handle)
{
  Device *device = calloc (1, sizeof *device);
  if (!find (name, device->folder)) {
    free (device);
    return SANE_STATUS_INVAL;
  }
  snprintf (device->name, sizeof device->name, "%s", name);
  read_fault (device);
  if (device->fault.open) {
    SANE_Status status = device->fault.open;
    free (device);
    return status;
  }
  describe_all (device);
  device->next_page = 1;
  *handle = device;
  return SANE_STATUS_GOOD;
}

void sane_rig_close (SANE_Handle handle)
{
  note (handle, "close");
  put_away (handle);
  free (handle);
}

SANE_Status sane_rig_set_io_mode (SANE_Handle handle, SANE_Bool non_blocking)
{
  (void) handle;
  return non_blocking ? SANE_STATUS_UNSUPPORTED : SANE_STATUS_GOOD;
}

SANE_Status sane_rig_get_select_fd (SANE_Handle handle, SANE_Int *fd)
{
  (void) handle;
  (void) fd;
  return SANE_STATUS_UNSUPPORTED;
}

SANE_String_Const sane_rig_strstatus (SANE_Status status)
{
  (void) status;
  return "";
}
