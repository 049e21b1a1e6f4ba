import StreamModel

/// For the thread of ``SRTListener``, which asks on the engine's event loop.
extension MediaEngine {
    /// Whether a caller is let in, and with which passphrase.
    func decideSRT(_ call: SRTCall) -> Result<Secret?, SRTRefusal> {
        do throws(SRTRefusal) {
            return .success(try core.srt.decide(call).passphrase)
        } catch {
            return .failure(error)
        }
    }

    func admitSRT(_ call: SRTCall, as id: Int32, hangUp: @escaping @Sendable () -> Void) -> Bool {
        core.srt.admit(call, as: id, hangUp: hangUp)
    }

    func receiveSRT(_ bytes: [UInt8], afterLoss isAfterLoss: Bool, from id: Int32) {
        core.srt.receive(bytes, afterLoss: isAfterLoss, from: id)
    }

    func endedSRT(_ id: Int32) { core.srt.ended(id) }
}
