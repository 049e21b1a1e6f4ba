"""Configuration files of the peers, each listening on loopback ports of our choice and on nothing else."""

import json
from pathlib import Path


def mediamtx_config(
    folder: Path, rtsp_port: int, paths: dict | None = None, hls_port: int | None = None,
    webrtc_ports: tuple[int, int] | None = None,
) -> Path:  # fmt: skip
    """MediaMTX with RTSP over TCP, and HLS and WebRTC where asked for, everybody allowed; YAML is a superset of JSON."""
    config = {
        "logLevel": "error",
        "rtspTransports": ["tcp"],
        "rtspAddress": f"127.0.0.1:{rtsp_port}",
        "rtmp": False,
        "hls": hls_port is not None,
        **_hls(hls_port),
        "webrtc": webrtc_ports is not None,
        **_webrtc(webrtc_ports),
        "srt": False,
        "paths": paths or {"all_others": {}},
    }
    file = folder / f"mediamtx-{rtsp_port}.yml"
    file.write_text(json.dumps(config))
    return file


def _hls(port: int | None) -> dict:
    return {"hlsAddress": f"127.0.0.1:{port}", "hlsVariant": "mpegts"} if port is not None else {}


def _webrtc(ports: tuple[int, int] | None) -> dict:
    """WebRTC with its ports of signalling and of media."""
    if ports is None:
        return {}
    return {
        "webrtcAddress": f"127.0.0.1:{ports[0]}",
        "webrtcLocalUDPAddress": f"127.0.0.1:{ports[1]}",
        "webrtcAdditionalHosts": ["127.0.0.1"],
    }


def go2rtc_config(folder: Path, rtsp_port: int, source: str) -> Path:
    config = {
        "api": {"listen": ""},
        "webrtc": {"listen": ""},
        "srtp": {"listen": ""},
        "rtsp": {"listen": f"127.0.0.1:{rtsp_port}"},
        "streams": {"front": source},
        "log": {"level": "error"},
    }
    file = folder / f"go2rtc-{rtsp_port}.yaml"
    file.write_text(json.dumps(config))
    return file


def built_in_config(
    folder: Path, rtsp_port: int, rtp_port: int, api_port: int, hls_port: int | None = None,
    webrtc_ports: tuple[int, int] | None = None,
) -> Path:  # fmt: skip
    """Our engine alone, with everybody on loopback allowed to publish and read."""
    everything = [{"action": action, "path": ""} for action in ("publish", "read", "api")]
    config = {
        "logLevel": "error",
        "authMethod": "internal",
        "authInternalUsers": [{"user": "any", "pass": "", "ips": ["127.0.0.1", "::1"], "permissions": everything}],
        "api": True,
        "apiAddress": f"127.0.0.1:{api_port}",
        "rtsp": True,
        "rtspTransports": ["udp", "tcp"],
        "rtspAddress": f"127.0.0.1:{rtsp_port}",
        "rtpAddress": f"127.0.0.1:{rtp_port}",
        "rtcpAddress": f"127.0.0.1:{rtp_port + 1}",
        "hls": hls_port is not None,
        **_hls(hls_port),
        "rtmp": False,
        "srt": False,
        "webrtc": webrtc_ports is not None,
        **_webrtc(webrtc_ports),
        "paths": {"all_others": {}},
    }
    file = folder / f"engine-{rtsp_port}.yml"
    file.write_text(json.dumps(config))
    return file
