"""Interfaces of the graphs of DirectShow.

See strmif.h, control.h and qedit.h.
"""

# mypy: disable-error-code="misc, attr-defined"
# comtypes is there on Windows only, so that elsewhere nobody knows its types.

from __future__ import annotations

from ctypes import POINTER, c_double, c_long, c_ssize_t, c_void_p, c_wchar_p

from comtypes import COMMETHOD, GUID, HRESULT, STDMETHOD, IUnknown

from sheetfed_webcam.hardware.strmif import IN, OUT, BaseFilter, MediaType, unused

FILTER_GRAPH = GUID("{E436EBB3-524F-11CE-9F53-0020AF0BA770}")
SAMPLE_GRABBER = GUID("{C1F400A0-3F08-11D3-9F0B-006008039E37}")
NULL_RENDERER = GUID("{C1F400A4-3F08-11D3-9F0B-006008039E37}")

VIDEO = GUID("{73646976-0000-0010-8000-00AA00389B71}")
JPEG = GUID("{47504A4D-0000-0010-8000-00AA00389B71}")
"""MEDIATYPE_Video and MEDIASUBTYPE_MJPG."""

COMPLETE, ABORTED, LOST = 0x01, 0x03, 0x1F
"""EC_COMPLETE, EC_ERRORABORT and EC_DEVICE_LOST."""

_DISPATCH = ("GetTypeInfoCount", "GetTypeInfo", "GetIDsOfNames", "Invoke")


class Pin(IUnknown):
    """IPin."""

    _iid_ = GUID("{56A86891-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        *unused("Connect", "ReceiveConnection", "Disconnect", "ConnectedTo"),
        *unused("ConnectionMediaType", "QueryPinInfo"),
        COMMETHOD([], HRESULT, "QueryDirection", (OUT, POINTER(c_long), "way")),
    )


class GraphBuilder(IUnknown):
    """IGraphBuilder, so far as it is IFilterGraph."""

    _iid_ = GUID("{56A868A9-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        COMMETHOD(
            [],
            HRESULT,
            "AddFilter",
            (IN, POINTER(BaseFilter), "filter"),
            (IN, c_wchar_p, "name"),
        ),
        COMMETHOD([], HRESULT, "RemoveFilter", (IN, POINTER(BaseFilter), "filter")),
        *unused("EnumFilters", "FindFilterByName"),
        COMMETHOD(
            [],
            HRESULT,
            "ConnectDirect",
            (IN, POINTER(Pin), "out"),
            (IN, POINTER(Pin), "into"),
            (IN, c_void_p, "type"),
        ),
    )


class MediaFilter(IUnknown):
    """IMediaFilter: by whose clock a graph runs."""

    _iid_ = GUID("{56A86899-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        *unused("GetClassID", "Stop", "Pause", "Run", "GetState"),
        COMMETHOD([], HRESULT, "SetSyncSource", (IN, c_void_p, "clock")),
    )


class MediaControl(IUnknown):
    """IMediaControl."""

    _iid_ = GUID("{56A868B1-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        *unused(*_DISPATCH),
        COMMETHOD([], HRESULT, "Run"),
        *unused("Pause"),
        COMMETHOD([], HRESULT, "Stop"),
    )


class MediaEvent(IUnknown):
    """IMediaEvent: what became of a graph."""

    _iid_ = GUID("{56A868B6-0AD4-11CE-B03A-0020AF0BA770}")
    _methods_ = (
        *unused(*_DISPATCH, "GetEventHandle"),
        COMMETHOD(
            [],
            HRESULT,
            "GetEvent",
            (OUT, POINTER(c_long), "code"),
            (OUT, POINTER(c_ssize_t), "first"),
            (OUT, POINTER(c_ssize_t), "second"),
            (IN, c_long, "milliseconds"),
        ),
        *unused("WaitForCompletion", "CancelDefaultHandling", "RestoreDefaultHandling"),
        COMMETHOD(
            [],
            HRESULT,
            "FreeEventParams",
            (IN, c_long, "code"),
            (IN, c_ssize_t, "first"),
            (IN, c_ssize_t, "second"),
        ),
    )


class SampleGrabberCallback(IUnknown):
    """ISampleGrabberCB: who is given each sample."""

    _iid_ = GUID("{0579154A-2B53-4994-B0D0-E773148EFF85}")
    _methods_ = (
        STDMETHOD(HRESULT, "SampleCB", [c_double, c_void_p]),
        STDMETHOD(HRESULT, "BufferCB", [c_double, c_void_p, c_long]),
    )


class SampleGrabber(IUnknown):
    """ISampleGrabber."""

    _iid_ = GUID("{6B652FFF-11FE-4FCE-92AD-0266B5D7C78F}")
    _methods_ = (
        COMMETHOD([], HRESULT, "SetOneShot", (IN, c_long, "is_on")),
        COMMETHOD([], HRESULT, "SetMediaType", (IN, POINTER(MediaType), "type")),
        *unused("GetConnectedMediaType"),
        COMMETHOD([], HRESULT, "SetBufferSamples", (IN, c_long, "is_on")),
        *unused("GetCurrentBuffer", "GetCurrentSample"),
        COMMETHOD(
            [],
            HRESULT,
            "SetCallback",
            (IN, POINTER(SampleGrabberCallback), "callback"),
            (IN, c_long, "method"),
        ),
    )
