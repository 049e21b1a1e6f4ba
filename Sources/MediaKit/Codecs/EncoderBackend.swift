internal import CLibAV
internal import Foundation

/// What computes the encoding of a picture.
public enum EncoderBackend: String, Sendable, Hashable, CaseIterable {
    case cpu
    /// Intel and AMD graphics on Linux.
    case vaapi
    /// Intel Quick Sync Video.
    case qsv
    /// NVIDIA.
    case nvenc
    /// Video4Linux memory-to-memory devices, such as the Raspberry Pi's.
    case v4l2m2m
    /// macOS.
    case videotoolbox

    /// libav's name of the H.264 encoder.
    public var codecName: String {
        switch self {
        case .cpu: "libx264"
        case .vaapi: "h264_vaapi"
        case .qsv: "h264_qsv"
        case .nvenc: "h264_nvenc"
        case .v4l2m2m: "h264_v4l2m2m"
        case .videotoolbox: "h264_videotoolbox"
        }
    }

    /// The name as its makers write it.
    public var displayName: String {
        switch self {
        case .cpu: "CPU"
        case .vaapi: "VAAPI"
        case .qsv: "Quick Sync"
        case .nvenc: "NVENC"
        case .v4l2m2m: "V4L2 M2M"
        case .videotoolbox: "VideoToolbox"
        }
    }

    /// What the system lacks for it, as half a sentence; nil when what can be seen is there. libav says no more than
    /// "Input/output error".
    var missingDevice: String? {
        switch self {
        case .cpu, .videotoolbox:
            return nil
        case .vaapi, .qsv:
            let nodes = Self.devices(named: "renderD", in: "/dev/dri")
            guard let first = nodes.first else { return "no device /dev/dri/renderD128" }
            if nodes.contains(where: Self.isUsable) { return nil }
            return "no permission for \(first); run the server as a member of the group that owns it"
        case .nvenc:
            return FileManager.default.fileExists(atPath: "/dev/nvidiactl") ? nil : "no device /dev/nvidiactl"
        case .v4l2m2m:
            let nodes = Self.devices(named: "video", in: "/dev")
            guard let first = nodes.first else { return "no device /dev/video*" }
            if nodes.contains(where: Self.isUsable) { return nil }
            return "no permission for \(first); run the server as a member of the group that owns it"
        }
    }

    /// The kind of libav device whose memory it takes pictures from; nil when it takes them from ours.
    var deviceType: AVHWDeviceType? {
        switch self {
        case .vaapi: AV_HWDEVICE_TYPE_VAAPI
        case .qsv: AV_HWDEVICE_TYPE_QSV
        case .cpu, .nvenc, .v4l2m2m, .videotoolbox: nil
        }
    }

    private static func devices(named prefix: String, in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted().map { "\(folder)/\($0)" }
    }

    private static func isUsable(_ path: String) -> Bool {
        FileManager.default.isReadableFile(atPath: path) && FileManager.default.isWritableFile(atPath: path)
    }
}
