#!/bin/sh
# Installs the Debian or Ubuntu packages that are missing: system-packages.sh run|test
set -eu

python=${PYTHON:-python3}

# What the service uses where it is there (a font for letters beyond ASCII), and what makes its
# environment.
run="libsane1 libzbar0 fonts-dejavu-core"
for package in libjbig0 liblerc4; do  # ways to pack a TIFF; an older system has others
  if apt-cache show "$package" >/dev/null 2>&1; then run="$run $package"; fi
done
"$python" -c 'import ensurepip, venv' 2>/dev/null || run="$run python3-venv"

# Real parts for the tests: SANE's own backends and saned, a compiler for the test backend,
# programs that read our files back, a browser, a keyring, what tells the sockets of a process.
test="$run sane-utils libsane-dev gcc libc6-dev poppler-utils qpdf libtiff-tools imagemagick chromium gnome-keyring dbus"
test="$test chromium-headless-shell firefox-esr libnss3-tools strace iproute2 systemd udev"
# A screen that nobody sees, and keys on it: browsers ask some things outside of pages.
test="$test xvfb xdotool"
# An independent writer of postal codes.
test="$test zint"
# A Windows for the TWAIN drivers, and what compiles one. Both are for this processor alone.
[ "$(uname -m)" != x86_64 ] || test="$test wine64 gcc-mingw-w64-x86-64-win32"
# What says whether a file is PDF/A: PDFBox Preflight, and the libraries that Java lost since.
test="$test default-jre-headless libpdfbox2-java libjaxb-api-java"
# Servers that documents are delivered to. The tests start their own; the packages' must not run.
test="$test openssh-server vsftpd nginx-light apache2-bin samba"
headers='import os, sysconfig; raise SystemExit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
"$python" -c "$headers" || test="$test python3-dev"

case "${1:-}" in
run) wanted=$run ;;
test) wanted=$test ;;
*) echo "usage: $0 run|test" >&2; exit 2 ;;
esac

if ! command -v dpkg-query >/dev/null; then
  echo "== not a Debian system: these packages are expected by other means: $wanted"
  exit 0
fi

missing=
for package in $wanted; do
  state=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
  [ "$state" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

become=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    become="sudo -n"
  elif [ -t 0 ] && command -v sudo >/dev/null; then
    become=sudo
  else
    echo "== missing system packages, and no right to install them:$missing"
    echo "   ask an administrator for: apt-get install$missing"
    [ "$1" = run ] && exit 0 || exit 1
  fi
fi

echo "== installing system packages:$missing"
export DEBIAN_FRONTEND=noninteractive
$become apt-get update -qq
quiet=/usr/sbin/policy-rc.d
if [ ! -e "$quiet" ]; then
  printf '#!/bin/sh\nexit 101\n' | $become tee "$quiet" >/dev/null
  $become chmod 755 "$quiet"
  trap '$become rm -f "$quiet"' EXIT
fi
# shellcheck disable=SC2086
$become apt-get install -y -qq --no-install-recommends $missing >/dev/null
if [ -d /run/systemd/system ]; then
  for pair in openssh-server:ssh vsftpd:vsftpd nginx-light:nginx samba:smbd samba:nmbd; do
    case "$missing " in *" ${pair%%:*} "*) $become systemctl -q disable "${pair#*:}" ;; esac
  done
fi
