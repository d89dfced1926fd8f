"""The rule that gives people their scanners, read by the udev that will read it."""

from __future__ import annotations

import grp
import os
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parents[2] / "release/debian/sheetfed.rules"

DEVICES = {
    "a scanner that libsane knows": (0x04A9, 0x1909, (0xFF, 0xFF, 0xFF)),
    "one that takes still images": (0x1234, 0x0001, (6, 1, 1)),
    "one that speaks eSCL": (0x1234, 0x0002, (7, 1, 4)),
    "a printer": (0x1234, 0x0003, (7, 1, 2)),
    "a stick": (0x1234, 0x0004, (8, 6, 0x50)),
}

SCANNERS = [*DEVICES][:3]
RULE = "65-sheetfed.rules"

ASK = """
set -e
mount --bind {0}/sys /sys
mount -t tmpfs none /run
mount -t tmpfs none /dev
mkdir -p /run/udev/rules.d
cp {1} /run/udev/rules.d/65-sheetfed.rules
for each in {2}; do
  echo "#device $each"
  udevadm test --action=add /sys/devices/usb1/$each 2>&1
done
"""


@pytest.fixture(scope="module")
def computer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that says of USB devices what the kernel would say of them in /sys."""
    folder = tmp_path_factory.mktemp("usb")
    for place in ("bus/usb/devices", "class", "dev/char", "dev/block", "module"):
        (folder / "sys" / place).mkdir(parents=True)
    for number, (vendor, product, kind) in enumerate(DEVICES.values()):
        plug(folder / "sys", number, vendor, product, kind)
    return folder


def plug(sys: Path, number: int, vendor: int, product: int, kind: tuple[int, int, int]) -> None:
    """Add a device with one interface (USB 2.0, 9.6)."""
    device = sys / f"devices/usb1/1-{number}"
    device.mkdir(parents=True)
    (device / "subsystem").symlink_to("/sys/bus/usb")
    about = f"MAJOR=189\nMINOR={number}\nDEVNAME=bus/usb/001/{number:03}\nDEVTYPE=usb_device\n"
    (device / "uevent").write_text(about)
    for name, value in (("idVendor", vendor), ("idProduct", product), ("bcdDevice", 0x100)):
        (device / name).write_text(f"{value:04x}\n")
    (device / "dev").write_text(f"189:{number}\n")
    ids = vendor.to_bytes(2, "little") + product.to_bytes(2, "little")
    itself = bytes((18, 1, 0, 2, 0, 0, 0, 64)) + ids + bytes((0, 1, 0, 0, 0, 1))
    configuration = bytes((9, 2, 25, 0, 1, 1, 0, 0x80, 50))
    interface = bytes((9, 4, 0, 0, 1, *kind, 0))
    endpoint = bytes((7, 5, 0x81, 2, 0, 2, 0))
    (device / "descriptors").write_bytes(itself + configuration + interface + endpoint)
    (sys / f"bus/usb/devices/1-{number}").symlink_to(f"/sys/devices/usb1/1-{number}")
    (sys / f"dev/char/189:{number}").symlink_to(f"/sys/devices/usb1/1-{number}")


def test_scanners_are_for_who_sits_there_and_for_their_group_and_nothing_else_is(
    computer: Path,
) -> None:
    """It is udev that reads descriptors and rule; it only looks, and changes no device."""
    assert shutil.which("udevadm"), "the package udev is missing"
    names = " ".join(f"1-{number}" for number in range(len(DEVICES)))
    become = [] if os.geteuid() == 0 else ["sudo", "-n"]
    done = subprocess.run(
        [*become, "unshare", "--mount", "sh", "-c", ASK.format(computer, RULES, names)],
        env={**os.environ, "SYSTEMD_DEVICE_VERIFY_SYSFS": "0", "SYSTEMD_LOG_LEVEL": "debug"},
        capture_output=True,
        text=True,
        check=True,
    )

    found = dict(zip(DEVICES, done.stdout.split("#device ")[1:], strict=True))
    ours = {
        name: [line for line in told.splitlines() if RULE in line] for name, told in found.items()
    }
    given = {name for name, lines in ours.items() if any("MODE 0660" in line for line in lines)}
    sits = {name for name, told in found.items() if "uaccess" in tags(told)}
    assert given == sits == {*SCANNERS}, done.stdout
    for name in given:
        assert any(f"GROUP {group()}" in line for line in ours[name]), ours[name]
    assert "nvalid" not in "".join(line for lines in ours.values() for line in lines)


def tags(told: str) -> str:
    """Return the line of tags that a device has in the end."""
    return told.partition("\nTAGS=")[2].partition("\n")[0]


def group() -> int:
    """Return the number of the group of scanners, which libsane makes."""
    return grp.getgrnam("scanner").gr_gid
