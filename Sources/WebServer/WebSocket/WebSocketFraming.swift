import NIOCore
import NIOWebSocket

/// Frames of this server, which are never masked (RFC 6455 §5.1), each made in one piece with what it carries.
enum WebSocketFraming {
    /// Bytes of a frame's header at most.
    static let headroom = 10

    /// A frame whose header is written into the ``headroom`` bytes that are free before its content.
    static func frame(_ opcode: WebSocketOpcode, around content: ByteBuffer) -> ByteBuffer {
        var header = ByteBuffer()
        header.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        switch content.readableBytes {
        case ...125: header.writeInteger(UInt8(content.readableBytes))
        case ...Int(UInt16.max):
            header.writeInteger(UInt8(126))
            header.writeInteger(UInt16(content.readableBytes))
        default:
            header.writeInteger(UInt8(127))
            header.writeInteger(UInt64(content.readableBytes))
        }
        var frame = content
        let start = content.readerIndex - header.readableBytes
        guard start >= 0 else {
            header.writeImmutableBuffer(content)
            return header
        }
        frame.setBuffer(header, at: start)
        frame.moveReaderIndex(to: start)
        return frame
    }

    static func text(_ text: String) -> ByteBuffer { frame(.text, around: ByteBuffer(string: text)) }

    /// - Parameter reason: for who looks into a browser's tools; at most 123 bytes.
    static func close(_ code: WebSocketErrorCode, _ reason: String = "") -> ByteBuffer {
        var content = ByteBuffer()
        content.write(webSocketErrorCode: code)
        content.writeString(String(reason.prefix(100)))
        return frame(.connectionClose, around: content)
    }
}
