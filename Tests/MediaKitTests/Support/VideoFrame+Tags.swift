import CLibAV

@testable import MediaKit

extension VideoFrame {
    /// Range, matrix, primaries and transfer as libav names them.
    var colourTags: String {
        storage.withPointer { frame in
            [
                av_color_range_name(frame.pointee.color_range), av_color_space_name(frame.pointee.colorspace),
                av_color_primaries_name(frame.pointee.color_primaries), av_color_transfer_name(frame.pointee.color_trc),
            ].map { $0.map { String(cString: $0) } ?? "?" }.joined(separator: " ")
        }
    }
}
