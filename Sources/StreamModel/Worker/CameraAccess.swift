/// Who reads a camera, and how. The server keeps what one worker found out for the next, which then does not try in vain
/// first what the camera does not do.
public enum CameraAccess: String, Codable, Sendable {
    /// Our own RTSP client, over TCP.
    case rtsp
    case libav
    /// libav, with RTP over UDP.
    case libavUDP = "libav_udp"
}

/// What did not arrive from a camera as it was sent, since the worker began to read it.
public struct CameraLosses: Hashable, Sendable, Codable {
    /// RTP packets that never came.
    public var packets: Int
    /// Pictures that were given up because a piece of them was missing or damaged.
    public var pictures: Int

    public init(packets: Int = 0, pictures: Int = 0) {
        self.packets = packets
        self.pictures = pictures
    }

    /// Sums stay at the largest number: what a worker says is not added up without care.
    public static func + (left: CameraLosses, right: CameraLosses) -> CameraLosses {
        func sum(_ left: Int, _ right: Int) -> Int {
            let (sum, overflow) = left.addingReportingOverflow(right)
            return overflow ? .max : sum
        }
        return CameraLosses(packets: sum(left.packets, right.packets), pictures: sum(left.pictures, right.pictures))
    }
}
