import EngineContract
import StreamModel

extension StreamingService {
    /// How the installation of MediaMTX goes, or whether the release of the settings is installed.
    public func engineDownload() async -> EngineDownload {
        let settings = store.current.settings.engine
        return await engine.download(settings) ?? installer.download(of: settings.mediamtxVersion)
    }

    /// Starts to download and install the MediaMTX of the settings, or joins what is under way. It goes on in the
    /// background; a download that failed before is tried again.
    ///
    /// The engine is not started by it, except when MediaMTX is what the settings ask for and it waits for that.
    /// - Throws: ``ControlPlaneError/engineFailed(_:)`` where no MediaMTX exists for this machine.
    public func downloadEngine(requestHost: String?) async throws(ControlPlaneError) -> EngineStatus {
        let version = store.current.settings.engine.mediamtxVersion
        guard installer.platform != nil, let version = MediaMTXVersion(version) else {
            let reason = InstallError.unsupportedMachine.message
            throw .engineFailed(
                CodedMessage(
                    reason.code, "Failed to download MediaMTX engine: \(reason.text)", reason.parameters))
        }
        await engine.download(version)
        return await engineStatus(requestHost: requestHost)
    }

    /// Ends a download. What came until now is kept for the next one.
    public func cancelEngineDownload() async -> EngineDownload {
        await installer.cancel()
        return await engineDownload()
    }
}
