internal import CLibAV

/// The next packet of an encoder, whose bytes it owns and which the caller frees; nil when the encoder wants more first, or has
/// handed out all.
func receivePacket(
    from context: UnsafeMutablePointer<AVCodecContext>, subject: String
) throws(MediaError) -> UnsafeMutablePointer<AVPacket>? {
    guard let packet = unsafe av_packet_alloc() else { throw .outOfMemory("encode") }
    var code = unsafe avcodec_receive_packet(context, packet)
    if code >= 0 { code = unsafe av_packet_make_refcounted(packet) }
    guard code < 0 else { return unsafe packet }
    var doomed: UnsafeMutablePointer<AVPacket>? = unsafe packet
    unsafe av_packet_free(&doomed)
    if code == toposync_av_error(EAGAIN) || code == toposync_av_error_eof { return nil }
    throw MediaError(libav: code, operation: "encode", subject: subject)
}
