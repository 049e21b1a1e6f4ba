import StreamModel

/// What is known of a worker: what it reported, and how it goes.
struct WorkerState: Hashable, Sendable {
    var pid: Int?
    var renditions: [String: RenditionStatus] = [:]
    var cameras: [String: CameraStatus] = [:]
    /// What each camera sent when it was read last, kept for the next process.
    var cameraCodecs: [String: String] = [:]
    /// How each camera had to be read last.
    var cameraAccess: [String: CameraAccess] = [:]
    /// The writer that each transmission shows.
    var activeWriters: [String: String] = [:]
    var restartCount = 0
    /// Why it ended last, as a sentence; nil while all is well.
    var lastError: String?
    var isPausing = false
    var logPath: String?

    mutating func take(_ event: WorkerEvent) {
        switch event {
        case .ready(let pid): self.pid = pid
        case .camera(let status):
            cameras[status.cameraID] = status
            if let codec = status.codec { cameraCodecs[status.cameraID] = codec }
            if let access = status.access { cameraAccess[status.cameraID] = access }
        case .rendition(let status):
            renditions[status.id] = status
            if status.state == .live || status.state == .placeholder { lastError = nil }
        case .activeWriter(let transmissionID, let writerID): activeWriters[transmissionID] = writerID
        case .cameraTested, .stillTaken: break
        }
    }

    /// The process is gone, and what it said with it.
    mutating func processEnded() {
        pid = nil
        renditions = [:]
        cameras = [:]
        activeWriters = [:]
    }

    /// The configuration with what is known of its cameras.
    func completing(_ configuration: WorkerConfiguration) -> WorkerConfiguration {
        var result = configuration
        result.cameraCodecs = cameraCodecs
        result.cameraAccess = cameraAccess
        return result
    }

    /// Forgets what is not configured any more. What is known of a camera holds for its address only.
    mutating func keepOnly(_ configuration: WorkerConfiguration, after old: WorkerConfiguration) {
        let renditionIDs = Set(configuration.renditions.map(\.id))
        let cameraIDs = Set(configuration.cameras.map(\.id))
        let oldCameras = Dictionary(old.cameras.map { ($0.id, $0) }) { $1 }
        let knownIDs = Set(
            configuration.cameras.filter { camera in
                oldCameras[camera.id].map { $0.url == camera.url && $0.transport == camera.transport } ?? false
            }.map(\.id))
        let transmissionIDs = Set(configuration.transmissions.map(\.id))
        renditions = renditions.filter { renditionIDs.contains($0.key) }
        cameras = cameras.filter { cameraIDs.contains($0.key) }
        cameraCodecs = cameraCodecs.filter { knownIDs.contains($0.key) }
        cameraAccess = cameraAccess.filter { knownIDs.contains($0.key) }
        activeWriters = activeWriters.filter { transmissionIDs.contains($0.key) }
    }
}
