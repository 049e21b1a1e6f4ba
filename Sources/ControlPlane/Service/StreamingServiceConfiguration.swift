import Foundation
import StreamModel

/// Where and how the control plane works.
public struct StreamingServiceConfiguration: Sendable {
    /// The folder that everything is kept in, such as `~/.toposync`; made when it is missing.
    public var dataDirectory: String
    /// Our own program, which is also engine and demand hook.
    public var executable: String
    /// The program that links libav; nil is the one beside ours.
    public var workerExecutable: String?
    /// A MediaMTX binary or a folder with one (`TOPOSYNC_STREAMING_ENGINE_PATH`).
    public var enginePath: String?
    /// Where MediaMTX is installed (`TOPOSYNC_STREAMING_ENGINE_CACHE_DIR`); nil is `runtime/streaming` of the data directory.
    public var engineCacheDirectory: String?
    /// A mirror of MediaMTX's releases (`TOPOSYNC_STREAMING_ENGINE_DOWNLOAD_BASE_URL`); nil is GitHub.
    public var engineDownloadBaseURL: String?
    /// A folder with what detection needs (`TOPOSYNC_STREAMING_VISION_DOWNLOAD_BASE_URL`); nil is where it is published.
    public var visionDownloadBaseURL: String?
    /// The folders that files are read from in place of cameras (`TOPOSYNC_STREAMING_MEDIA_ROOTS`); nil is `media` of the data
    /// directory, and `/media`.
    public var mediaRoots: [String]?
    /// Where WebRTC media goes beyond the settings (`TOPOSYNC_STREAMING_WEBRTC_…`).
    public var webRTC: WebRTCAddresses
    /// Origins whose pages may play from the engine's own ports (`TOPOSYNC_STREAMING_MEDIA_ORIGINS`).
    public var mediaOrigins: [String]
    /// What of the engine's settings is not the settings page's to decide.
    public var engineSettings: GivenEngineSettings
    /// Home Assistant's, of an add-on.
    public var supervisor: SupervisorClient?
    /// Set up a moving picture when the store is empty.
    public var demo: Bool
    /// Whether users have to sign in.
    public var access: AccessMode
    /// Who signs in beside the server's own users; nil is nobody.
    public var homeAssistantUsers: HomeAssistantUsers?
    /// The certificate that players see; nil is none.
    public var certificate: CertificateFiles?
    /// The last lines of the server's own log, for the bundle of diagnostics.
    public var recentLog: @Sendable () -> [String]
    /// The password that the user `admin` has from this start on; nil leaves it as it is.
    public var administratorPassword: Secret?

    public init(
        dataDirectory: String, executable: String = Self.ownExecutable, workerExecutable: String? = nil,
        enginePath: String? = nil,
        engineCacheDirectory: String? = nil, engineDownloadBaseURL: String? = nil,
        visionDownloadBaseURL: String? = nil,
        mediaRoots: [String]? = nil, webRTC: WebRTCAddresses = WebRTCAddresses(), mediaOrigins: [String] = [],
        engineSettings: GivenEngineSettings = GivenEngineSettings(), supervisor: SupervisorClient? = nil,
        demo: Bool = false, access: AccessMode = .open, homeAssistantUsers: HomeAssistantUsers? = nil,
        certificate: CertificateFiles? = nil,
        administratorPassword: Secret? = nil, recentLog: @escaping @Sendable () -> [String] = { [] }
    ) {
        self.recentLog = recentLog
        self.dataDirectory = dataDirectory
        self.executable = executable
        self.workerExecutable = workerExecutable
        self.enginePath = enginePath
        self.engineCacheDirectory = engineCacheDirectory
        self.engineDownloadBaseURL = engineDownloadBaseURL
        self.visionDownloadBaseURL = visionDownloadBaseURL
        self.mediaRoots = mediaRoots
        self.webRTC = webRTC
        self.mediaOrigins = mediaOrigins
        self.engineSettings = engineSettings
        self.supervisor = supervisor
        self.demo = demo
        self.access = access
        self.homeAssistantUsers = homeAssistantUsers
        self.certificate = certificate
        self.administratorPassword = administratorPassword
    }

    var workerProgram: String {
        workerExecutable
            ?? URL(filePath: executable).deletingLastPathComponent().appending(path: Self.workerName)
            .path(percentEncoded: false)
    }

    private static let workerName = "toposync-streaming-worker"

    /// The path of the program that runs now.
    public static var ownExecutable: String {
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            // A program that was replaced while it runs.
            return link.hasSuffix(" (deleted)") ? String(link.dropLast(10)) : link
        }
        let first = CommandLine.arguments.first ?? "toposync-streaming"
        return URL(filePath: first).standardizedFileURL.path(percentEncoded: false)
    }
}
