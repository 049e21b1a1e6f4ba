internal import CLibAV
internal import StreamModel

/// How libav is told to open one kind of source: which demuxers, which protocols, how patiently.
///
/// The white lists keep a hostile playlist or container from reading local files or from reaching other protocols.
struct OpenPlan {
    let url: String
    /// libav's name of the demuxer, or nil to recognise it from the data.
    let demuxer: String?
    let options: KeyValuePairs<String, String>
    /// Whether packets must be read to learn the codec's parameters.
    var probes = true
    var nonBlocking = false
    var isOverUDP = false
    /// Whether it is a device of sound: ALSA tells one failure from another by its log only.
    var isSound = false

    /// What to try, in order: the next only if the camera refuses the transport of the one before.
    static func plans(for url: MediaURL, options: DemuxerOptions) -> [OpenPlan] {
        let target = url.openable(credentials: options.credentials)
        let timeout = String(options.readTimeout.wholeNanoseconds / 1000)
        switch url.source {
        case .rtsp:
            switch options.transport {
            case .tcp: return [rtsp(target, transport: "tcp", timeout: timeout)]
            case .udp: return [rtsp(target, transport: "udp", timeout: timeout)]
            case .auto:
                return [
                    rtsp(target, transport: "tcp", timeout: timeout), rtsp(target, transport: "udp", timeout: timeout),
                ]
            }
        case .http:
            return [http(target, timeout: timeout)]
        case .file:
            return [file(target)]
        case .camera:
            return [camera(target)]
        case .microphone:
            return [microphone(target, channelCount: 1), microphone(target, channelCount: 2)]
        case .homeAssistant:
            return options.homeAssistant.map { [homeAssistant($0.exposed + target, timeout: timeout)] } ?? []
        }
    }

    /// Whether the next plan may do what this one could not.
    func isRefusal(_ code: CInt) -> Bool { isSound || Self.isTransportRefusal(code) }

    /// Codes by which cameras say that they do not do the transport: 461 is EPROTONOSUPPORT; others are seen too.
    private static func isTransportRefusal(_ code: CInt) -> Bool {
        [
            toposync_av_error(EPROTONOSUPPORT), toposync_av_error_http_bad_request, toposync_av_error_http_other_4xx,
            toposync_av_error_http_server_error, toposync_av_error_invalid_data,
        ].contains(code)
    }

    // `fflags nobuffer` is not set on purpose: it drops the packets that were read while probing, and with them the
    // first keyframe. `fpsprobesize 0` keeps probing from counting 20 frames first; the limits below are reached only
    // by streams that do not say what they are before then.
    private static func rtsp(_ url: String, transport: String, timeout: String) -> OpenPlan {
        OpenPlan(
            url: url,
            demuxer: "rtsp",
            options: [
                "rtsp_transport": transport,
                "timeout": timeout,
                // ONVIF metadata tracks have no use here and may never send anything.
                "allowed_media_types": "video+audio",
                "protocol_whitelist": transport == "udp" ? "rtp,udp,tcp,tls" : "tcp,tls",
                "format_whitelist": "rtsp",
                "fpsprobesize": "0",
                "analyzeduration": "5000000",
                "probesize": "5000000",
                // How long a late UDP packet is waited for.
                "max_delay": "200000",
            ],
            isOverUDP: transport == "udp"
        )
    }

    private static func homeAssistant(_ url: String, timeout: String) -> OpenPlan {
        OpenPlan(
            url: url,
            demuxer: nil,
            options: [
                "rw_timeout": timeout,
                // It is on this machine, whatever the environment says of others.
                "http_proxy": "",
                "protocol_whitelist": "http,tcp,crypto",
                "format_whitelist": "hls," + containers + ",mpjpeg,aac,mp3,webvtt",
                "fpsprobesize": "0",
                "analyzeduration": "5000000",
                "probesize": "5000000",
            ]
        )
    }

    private static func http(_ url: String, timeout: String) -> OpenPlan {
        OpenPlan(
            url: url,
            demuxer: nil,
            options: [
                "rw_timeout": timeout,
                "protocol_whitelist": "http,https,tcp,tls,httpproxy,crypto,data",
                "format_whitelist": "hls," + containers + ",mpjpeg,mjpeg,flv,asf,aac,mp3,webvtt",
                "fpsprobesize": "0",
                "analyzeduration": "5000000",
                "probesize": "5000000",
            ]
        )
    }

    private static func file(_ url: String) -> OpenPlan {
        OpenPlan(
            url: url,
            demuxer: nil,
            options: [
                "protocol_whitelist": "file",
                "format_whitelist": containers + ",mjpeg,flv,asf,gif",
            ]
        )
    }

    private static func camera(_ device: String) -> OpenPlan {
        // Reading must not block: V4L2's wait cannot be interrupted.
        OpenPlan(url: device, demuxer: "v4l2", options: [:], probes: false, nonBlocking: true)
    }

    private static func microphone(_ device: String, channelCount: Int) -> OpenPlan {
        OpenPlan(
            url: device, demuxer: "alsa", options: ["sample_rate": "48000", "channels": String(channelCount)],
            probes: false, nonBlocking: true, isSound: true)
    }

    /// Containers that hold streams and refer to nothing outside themselves.
    private static let containers = "mov,mp4,matroska,webm,mpegts,mpeg,avi,ogg,h264,hevc,m4v,ivf"
}
