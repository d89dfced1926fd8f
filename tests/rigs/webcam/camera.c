/* A V4L2 camera without a kernel module: preloaded into a program, it answers for one node.
 *
 * RIG_NODE   the node, a file of that name that is there, as /dev/video57
 * RIG_DIR    folders SIZE/ (as 1280x720/) with JPEG files f001.jpg, f002.jpg ...: what it sees, one a second
 * RIG_FAULT  a file whose first word is how it fails, read anew each time: unplug, stall, busy, denied, half
 * RIG_LOG    a file to which it writes: on, off (its light), set NUMBER VALUE
 *
 * It sends these files, or YUYV: pixels that are all of one gray.
 *
 * Each open has buffers of its own in a memfd, so that mmap and select need nobody's help.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define ROOM (4u << 20)
#define BUFFERS 8
#define OPENS 32
#define SIZES 8
#define RATE 30

struct opened { int fd, count, plain, queue[BUFFERS], waiting, on, width, height; unsigned number; struct timespec due; };
struct control { unsigned id, type; const char *name; int low, high, step, usual, now; };

static struct opened opens[OPENS];
static int taken[OPENS];
static int sizes[SIZES][2], size_count;
static struct control controls[] = {
  { V4L2_CID_BRIGHTNESS, V4L2_CTRL_TYPE_INTEGER, "Brightness", -64, 64, 1, 0, 0 },
  { V4L2_CID_CONTRAST, V4L2_CTRL_TYPE_INTEGER, "Contrast", 0, 95, 1, 32, 40 },
  { V4L2_CID_SHARPNESS, V4L2_CTRL_TYPE_INTEGER, "Sharpness", 0, 7, 1, 2, 2 },
  { V4L2_CID_EXPOSURE_AUTO, V4L2_CTRL_TYPE_MENU, "Auto Exposure", 0, 3, 1, 3, 3 },
  { V4L2_CID_EXPOSURE_ABSOLUTE, V4L2_CTRL_TYPE_INTEGER, "Exposure Time, Absolute", 3, 2047, 1, 250, 250 },
  { V4L2_CID_FOCUS_AUTO, V4L2_CTRL_TYPE_BOOLEAN, "Focus, Automatic Continuous", 0, 1, 1, 1, 1 },
  { V4L2_CID_FOCUS_ABSOLUTE, V4L2_CTRL_TYPE_INTEGER, "Focus, Absolute", 0, 250, 5, 0, 0 },
};

typedef int (*open_t) (const char *, int, ...);
typedef int (*openat_t) (int, const char *, int, ...);
typedef int (*ioctl_t) (int, unsigned long, ...);
typedef int (*close_t) (int);

static void *next (const char *name)
{
  return dlsym (RTLD_NEXT, name);
}

static int real_open (const char *path, int flags)
{
  static open_t real;
  if (!real) real = (open_t) next ("open");
  return real (path, flags | O_CLOEXEC, 0600);
}

static int fault (const char *word)
{
  const char *path = getenv ("RIG_FAULT");
  char said[32] = "";
  int file = path ? real_open (path, O_RDONLY) : -1;
  if (file < 0) return 0;
  ssize_t size = read (file, said, sizeof said - 1);
  close (file);
  return size > 0 && !strncmp (said, word, strlen (word));
}

static void note (const char *text, unsigned number, int value)
{
  const char *path = getenv ("RIG_LOG");
  char line[96];
  int file = path ? real_open (path, O_WRONLY | O_CREAT | O_APPEND) : -1;
  if (file < 0) return;
  int size = number ? snprintf (line, sizeof line, "%s %u %d\n", text, number, value) : snprintf (line, sizeof line, "%s\n", text);
  if (write (file, line, size) < 0) errno = 0;
  close (file);
}

static void look_for_sizes (void)
{
  DIR *folder = opendir (getenv ("RIG_DIR") ? getenv ("RIG_DIR") : ".");
  struct dirent *entry;
  size_count = 0;
  while (folder && (entry = readdir (folder)) && size_count < SIZES)
    if (sscanf (entry->d_name, "%dx%d", &sizes[size_count][0], &sizes[size_count][1]) == 2) size_count++;
  if (folder) closedir (folder);
}

static struct opened *of (int fd)
{
  for (int i = 0; i < OPENS; i++)
    if (taken[i] && opens[i].fd == fd) return &opens[i];
  return NULL;
}

static int rig_open (const char *path)
{
  const char *node = getenv ("RIG_NODE");
  if (!node || !path || strcmp (path, node)) return -2;
  if (fault ("unplug")) { errno = ENODEV; return -1; }
  if (fault ("denied")) { errno = EACCES; return -1; }
  look_for_sizes ();
  for (int i = 0; i < OPENS; i++) {
    if (taken[i]) continue;
    memset (&opens[i], 0, sizeof opens[i]);
    opens[i].fd = memfd_create ("camera", MFD_CLOEXEC);
    if (opens[i].fd < 0 || ftruncate (opens[i].fd, (off_t) ROOM * BUFFERS)) return -1;
    opens[i].width = size_count ? sizes[0][0] : 640;
    opens[i].height = size_count ? sizes[0][1] : 480;
    taken[i] = 1;
    return opens[i].fd;
  }
  errno = EMFILE;
  return -1;
}

#define OPENED(name, type, call) \
  va_list rest; va_start (rest, flags); int mode = va_arg (rest, int); va_end (rest); \
  static type real; if (!real) real = (type) next (name); \
  int found = rig_open (path); return found == -2 ? call : found

int open (const char *path, int flags, ...) { OPENED ("open", open_t, real (path, flags, mode)); }
int open64 (const char *path, int flags, ...) { OPENED ("open64", open_t, real (path, flags, mode)); }
int openat (int at, const char *path, int flags, ...) { OPENED ("openat", openat_t, real (at, path, flags, mode)); }
int openat64 (int at, const char *path, int flags, ...) { OPENED ("openat64", openat_t, real (at, path, flags, mode)); }

static void stop (struct opened *it)
{
  if (it->on) note ("off", 0, 0);
  it->on = it->waiting = 0;
}

int close (int fd)
{
  static close_t real;
  if (!real) real = (close_t) next ("close");
  struct opened *it = of (fd);
  if (it) { stop (it); taken[it - opens] = 0; }
  return real (fd);
}

static int fill (struct opened *it, int index, unsigned *used)
{
  static char data[ROOM];
  char path[4096];
  struct timespec now;
  if (it->plain) {
    *used = it->width * it->height * 2;
    memset (data, 128, *used);
    return pwrite (it->fd, data, *used, (off_t) ROOM * index) < 0 ? -1 : 0;
  }
  clock_gettime (CLOCK_MONOTONIC, &now);
  for (int number = now.tv_sec % 3 + 1; number > 0; number--) {
    snprintf (path, sizeof path, "%s/%dx%d/f%03d.jpg", getenv ("RIG_DIR"), it->width, it->height, number);
    int file = real_open (path, O_RDONLY);
    if (file < 0) continue;
    ssize_t size = read (file, data, ROOM);
    close (file);
    if (fault ("half")) size /= 2;
    *used = size > 0 ? size : 0;
    return pwrite (it->fd, data, *used, (off_t) ROOM * index) < 0 ? -1 : 0;
  }
  errno = EIO;
  return -1;
}

static int take (struct opened *it, struct v4l2_buffer *buffer)
{
  struct timespec now;
  if (!it->waiting || !it->on || fault ("stall")) { usleep (10000); errno = EAGAIN; return -1; }
  clock_gettime (CLOCK_MONOTONIC, &now);
  it->due.tv_nsec += 1000000000L / RATE;
  if (it->due.tv_nsec >= 1000000000L) { it->due.tv_nsec -= 1000000000L; it->due.tv_sec++; }
  if (it->due.tv_sec < now.tv_sec - 1) it->due = now;
  else clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &it->due, NULL);
  buffer->index = it->queue[0];
  memmove (it->queue, it->queue + 1, --it->waiting * sizeof *it->queue);
  buffer->sequence = it->number++;
  buffer->flags = V4L2_BUF_FLAG_MAPPED | V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
  buffer->field = V4L2_FIELD_NONE;
  buffer->length = ROOM;
  buffer->m.offset = ROOM * buffer->index;
  clock_gettime (CLOCK_MONOTONIC, &now);
  buffer->timestamp.tv_sec = now.tv_sec;
  buffer->timestamp.tv_usec = now.tv_nsec / 1000;
  return fill (it, buffer->index, &buffer->bytesused);
}

static struct control *control_of (unsigned id)
{
  for (unsigned i = 0; i < sizeof controls / sizeof *controls; i++)
    if (controls[i].id == id) return &controls[i];
  errno = EINVAL;
  return NULL;
}

static void describe (struct opened *it, struct v4l2_format *format)
{
  memset (&format->fmt, 0, sizeof format->fmt);
  format->type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  format->fmt.pix.width = it->width;
  format->fmt.pix.height = it->height;
  format->fmt.pix.pixelformat = it->plain ? V4L2_PIX_FMT_YUYV : V4L2_PIX_FMT_MJPEG;
  if (it->plain) format->fmt.pix.bytesperline = it->width * 2;
  format->fmt.pix.field = V4L2_FIELD_NONE;
  format->fmt.pix.sizeimage = ROOM;
  format->fmt.pix.colorspace = V4L2_COLORSPACE_JPEG;
}

static void choose (struct opened *it, struct v4l2_format *format)
{
  it->plain = format->fmt.pix.pixelformat == V4L2_PIX_FMT_YUYV;
  for (int i = 0; i < size_count; i++)
    if ((unsigned) sizes[i][0] == format->fmt.pix.width || (unsigned) sizes[i][1] == format->fmt.pix.height) {
      it->width = sizes[i][0];
      it->height = sizes[i][1];
    }
}

static int answer (struct opened *it, unsigned long request, void *argument)
{
  if (fault ("unplug")) { errno = ENODEV; return -1; }
  switch (request) {
    case VIDIOC_QUERYCAP: {
      struct v4l2_capability *x = argument;
      memset (x, 0, sizeof *x);
      strcpy ((char *) x->driver, "rig");
      strcpy ((char *) x->card, "Rig document camera");
      strcpy ((char *) x->bus_info, "platform:rig");
      x->device_caps = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
      x->capabilities = x->device_caps | V4L2_CAP_DEVICE_CAPS;
      return 0;
    }
    case VIDIOC_ENUMINPUT: {
      struct v4l2_input *x = argument;
      if (x->index) break;
      memset (x, 0, sizeof *x);
      strcpy ((char *) x->name, "Camera");
      x->type = V4L2_INPUT_TYPE_CAMERA;
      return 0;
    }
    case VIDIOC_G_INPUT: *(int *) argument = 0; return 0;
    case VIDIOC_S_INPUT: return 0;
    case VIDIOC_ENUM_FMT: {
      struct v4l2_fmtdesc *x = argument;
      if (x->index > 1) break;
      x->flags = x->index ? 0 : V4L2_FMT_FLAG_COMPRESSED;
      strcpy ((char *) x->description, x->index ? "YUYV 4:2:2" : "Motion-JPEG");
      x->pixelformat = x->index ? V4L2_PIX_FMT_YUYV : V4L2_PIX_FMT_MJPEG;
      return 0;
    }
    case VIDIOC_ENUM_FRAMESIZES: {
      struct v4l2_frmsizeenum *x = argument;
      if ((int) x->index >= size_count) break;
      x->type = V4L2_FRMSIZE_TYPE_DISCRETE;
      x->discrete.width = sizes[x->index][0];
      x->discrete.height = sizes[x->index][1];
      return 0;
    }
    case VIDIOC_ENUM_FRAMEINTERVALS: {
      struct v4l2_frmivalenum *x = argument;
      if (x->index > 1) break;
      x->type = V4L2_FRMIVAL_TYPE_DISCRETE;
      x->discrete.numerator = 1;
      x->discrete.denominator = x->index ? 15 : RATE;
      return 0;
    }
    case VIDIOC_S_FMT: if (fault ("busy")) { errno = EBUSY; return -1; } choose (it, argument); describe (it, argument); return 0;
    case VIDIOC_G_FMT: case VIDIOC_TRY_FMT: describe (it, argument); return 0;
    case VIDIOC_G_PARM: case VIDIOC_S_PARM: {
      struct v4l2_streamparm *x = argument;
      memset (&x->parm, 0, sizeof x->parm);
      x->parm.capture.capability = V4L2_CAP_TIMEPERFRAME;
      x->parm.capture.timeperframe.numerator = 1;
      x->parm.capture.timeperframe.denominator = RATE;
      return 0;
    }
    case VIDIOC_QUERYCTRL: {
      struct v4l2_queryctrl *x = argument;
      struct control *known = control_of (x->id);
      if (!known) return -1;
      memset (x, 0, sizeof *x);
      x->id = known->id;
      x->type = known->type;
      strcpy ((char *) x->name, known->name);
      x->minimum = known->low;
      x->maximum = known->high;
      x->step = known->step;
      x->default_value = known->usual;
      return 0;
    }
    case VIDIOC_QUERYMENU: {
      struct v4l2_querymenu *x = argument;
      if (x->id != V4L2_CID_EXPOSURE_AUTO || (x->index != 1 && x->index != 3)) break;
      return 0;
    }
    case VIDIOC_G_CTRL: case VIDIOC_S_CTRL: {
      struct v4l2_control *x = argument;
      struct control *known = control_of (x->id);
      if (!known) return -1;
      if (request == VIDIOC_G_CTRL) { x->value = known->now; return 0; }
      if (x->value < known->low || x->value > known->high) { errno = ERANGE; return -1; }
      known->now = x->value;
      note ("set", x->id, x->value);
      return 0;
    }
    case VIDIOC_REQBUFS: {
      struct v4l2_requestbuffers *x = argument;
      if (fault ("busy")) { errno = EBUSY; return -1; }
      if (x->memory != V4L2_MEMORY_MMAP) break;
      if (x->count > BUFFERS) x->count = BUFFERS;
      it->count = x->count;
      it->waiting = 0;
      return 0;
    }
    case VIDIOC_QUERYBUF: {
      struct v4l2_buffer *x = argument;
      if ((int) x->index >= it->count) break;
      x->length = ROOM;
      x->m.offset = ROOM * x->index;
      x->flags = V4L2_BUF_FLAG_MAPPED;
      return 0;
    }
    case VIDIOC_QBUF: {
      struct v4l2_buffer *x = argument;
      if (it->waiting < BUFFERS) it->queue[it->waiting++] = x->index;
      return 0;
    }
    case VIDIOC_DQBUF: return take (it, argument);
    case VIDIOC_STREAMON:
      if (fault ("busy")) { errno = EBUSY; return -1; }
      if (!it->on) note ("on", 0, 0);
      it->on = 1;
      clock_gettime (CLOCK_MONOTONIC, &it->due);
      return 0;
    case VIDIOC_STREAMOFF: stop (it); return 0;
  }
  errno = EINVAL;
  return -1;
}

int ioctl (int fd, unsigned long request, ...)
{
  static ioctl_t real;
  va_list rest;
  va_start (rest, request);
  void *argument = va_arg (rest, void *);
  va_end (rest);
  struct opened *it = of (fd);
  if (it) return answer (it, request & 0xffffffffUL, argument);
  if (!real) real = (ioctl_t) next ("ioctl");
  return real (fd, request, argument);
}
