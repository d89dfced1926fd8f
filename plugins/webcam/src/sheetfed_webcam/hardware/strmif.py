"""Interfaces of DirectShow, as strmif.h has them."""

# mypy: disable-error-code="misc, attr-defined"
# comtypes and windll are there on Windows only, so that elsewhere nobody knows their types.

from __future__ import annotations

from ctypes import POINTER, Structure, c_int, c_long, c_ulong, c_void_p, windll
from typing import Any

from comtypes import COMMETHOD, GUID, HRESULT, STDMETHOD, IUnknown

DEVICE_ENUM = GUID("{62BE5D10-60EB-11D0-BD3B-00A0C911CE86}")
VIDEO_INPUTS = GUID("{860BB310-5D01-11D0-BD3B-00A0C911CE86}")

AUTO, MANUAL = 1, 2
"""CameraControl_Flags and VideoProcAmp_Flags."""

free = windll.ole32.CoTaskMemFree
free.argtypes, free.restype = [c_void_p], None

IN, OUT = ["in"], ["out"]


def unused(*names: str) -> list[Any]:
    """Return methods that hold the places of those which nobody calls."""
    return [STDMETHOD(HRESULT, name) for name in names]


class Moniker(IUnknown):
    """IMoniker: the name of a device, its properties and its filter."""

    _iid_ = GUID("{0000000F-0000-0000-C000-000000000046}")
    _methods_ = (
        *unused("GetClassID", "IsDirty", "Load", "Save", "GetSizeMax"),
        *(
            COMMETHOD(
                [],
                HRESULT,
                name,
                (IN, c_void_p, "context"),
                (IN, c_void_p, "left"),
                (IN, POINTER(GUID), "wanted"),
                (OUT, POINTER(POINTER(IUnknown)), "found"),
            )
            for name in ("BindToObject", "BindToStorage")
        ),
    )


class EnumMoniker(IUnknown):
    """IEnumMoniker."""

    _iid_ = GUID("{00000102-0000-0000-C000-000000000046}")
    _methods_ = (
        COMMETHOD(
            [],
            HRESULT,
            "Next",
            (IN, c_ulong, "wanted"),
            (OUT, POINTER(POINTER(Moniker)), "found"),
            (OUT, POINTER(c_ulong), "count"),
        ),
    )


class CreateDevEnum(IUnknown):
    """ICreateDevEnum: the devices of a category."""

    _iid_ = GUID("{29840822-5B84-11D0-BD3B-00A0C911CE86}")
    _methods_ = (
        COMMETHOD(
            [],
            HRESULT,
            "CreateClassEnumerator",
            (IN, POINTER(GUID), "category"),
            (OUT, POINTER(POINTER(EnumMoniker)), "found"),
            (IN, c_ulong, "flags"),
        ),
    )


class EnumPins(IUnknown):
    """IEnumPins."""

    _iid_ = GUID("{56A86892-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        COMMETHOD(
            [],
            HRESULT,
            "Next",
            (IN, c_ulong, "wanted"),
            (OUT, POINTER(POINTER(IUnknown)), "found"),
            (OUT, POINTER(c_ulong), "count"),
        ),
    )


class BaseFilter(IUnknown):
    """IBaseFilter."""

    _iid_ = GUID("{56A86895-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        *unused("GetClassID", "Stop", "Pause", "Run", "GetState", "SetSyncSource"),
        *unused("GetSyncSource"),
        COMMETHOD([], HRESULT, "EnumPins", (OUT, POINTER(POINTER(EnumPins)), "found")),
    )


def _control_methods() -> list[Any]:
    """Return what IAMCameraControl and IAMVideoProcAmp have in common: everything."""
    told = ("least", "most", "step", "usual", "can")
    return [
        COMMETHOD(
            [],
            HRESULT,
            "GetRange",
            (IN, c_long, "number"),
            *((OUT, POINTER(c_long), name) for name in told),
        ),
        COMMETHOD([], HRESULT, "Set", *((IN, c_long, n) for n in ("number", "value", "flags"))),
        COMMETHOD(
            [],
            HRESULT,
            "Get",
            (IN, c_long, "number"),
            *((OUT, POINTER(c_long), name) for name in ("value", "flags")),
        ),
    ]


class CameraControl(IUnknown):
    """IAMCameraControl: the lens, and where it looks."""

    _iid_ = GUID("{C6E13370-30AC-11D0-A18C-00A0C9118956}")
    _methods_ = _control_methods()


class VideoProcAmp(IUnknown):
    """IAMVideoProcAmp: what becomes of the light."""

    _iid_ = GUID("{C6E13360-30AC-11D0-A18C-00A0C9118956}")
    _methods_ = _control_methods()


class MediaType(Structure):
    """AM_MEDIA_TYPE: how a picture is packed, and its size."""

    _fields_ = [
        ("major", GUID),
        ("subtype", GUID),
        ("fixed", c_int),
        ("temporal", c_int),
        ("sample", c_ulong),
        ("kind", GUID),
        ("unknown", c_void_p),
        ("length", c_ulong),
        ("at", c_void_p),
    ]


class StreamConfig(IUnknown):
    """IAMStreamConfig: the ways in which a pin can send pictures."""

    _iid_ = GUID("{C6E13340-30AC-11D0-A18C-00A0C9118956}")
    _methods_ = (
        COMMETHOD([], HRESULT, "SetFormat", (IN, POINTER(MediaType), "type")),
        *unused("GetFormat"),
        COMMETHOD(
            [],
            HRESULT,
            "GetNumberOfCapabilities",
            (OUT, POINTER(c_int), "count"),
            (OUT, POINTER(c_int), "size"),
        ),
        COMMETHOD(
            [],
            HRESULT,
            "GetStreamCaps",
            (IN, c_int, "index"),
            (OUT, POINTER(POINTER(MediaType)), "type"),
            (IN, c_void_p, "capabilities"),
        ),
    )
