import EngineContract
import StreamModel

/// Who watches a path, by protocol.
struct ViewerCounts: Hashable, Sendable {
    private var counts: [OutputProtocol: Int] = [:]
    /// Other readers, such as SRT or RTMP players of an engine that somebody else set up.
    private(set) var others = 0

    /// Viewers of one protocol.
    subscript(protocol: OutputProtocol) -> Int { counts[`protocol`, default: 0] }

    /// Viewers of all protocols.
    var total: Int { counts.values.reduce(others, +) }

    init() {}

    /// Reads what the engine lists (mediamtx-facts E.4).
    ///
    /// An HLS viewer is a session where the engine knows sessions; the muxer that feeds them is then none. MediaMTX up to
    /// 1.17 lists only the muxer, which counts as one viewer.
    ///
    /// - Parameter engine: the built-in one always knows sessions, also when none is left.
    init(readers: [ControlAPI.Endpoint], of engine: EngineKind? = nil) {
        let muxers = readers.filter { $0.type == "hlsMuxer" }.count
        for reader in readers {
            switch reader.type {
            case "hlsSession": counts[.hls, default: 0] += 1
            case "rtspSession", "rtspsSession": counts[.rtsp, default: 0] += 1
            case "webRTCSession": counts[.webrtc, default: 0] += 1
            case "hlsMuxer": break
            default: others += 1
            }
        }
        if engine != .builtin, counts[.hls] == nil, muxers > 0 { counts[.hls] = muxers }
    }

    static func + (left: ViewerCounts, right: ViewerCounts) -> ViewerCounts {
        var sum = left
        sum.counts.merge(right.counts, uniquingKeysWith: +)
        sum.others += right.others
        return sum
    }
}

extension [String: ViewerCounts] {
    /// Who watches an output on a path, also those who get it in H.264 on another (``PathName/h264(besides:)``).
    func watching(_ path: String) -> ViewerCounts {
        let h264 = PathName.h264(besides: path).flatMap { self[$0] }
        return (self[path] ?? ViewerCounts()) + (h264 ?? ViewerCounts())
    }
}
