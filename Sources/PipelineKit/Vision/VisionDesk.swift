import Foundation
import MediaKit
import StreamModel
import Synchronization
import VisionKit

/// Finds things in pictures. Several may ask at once.
protocol PictureDetector: AnyObject, Sendable {
    func detect(_ frame: VideoFrame, filter: DetectionFilter) throws(VisionError) -> [DetectedObject]
}

extension ObjectDetector: PictureDetector {}

/// Has the models of a worker: each is loaded once, when a step first wants it, and for as long as one does.
final class VisionDesk: Sendable {
    /// Loads a model, given the paths of the library and of the model. May block.
    typealias Loader = @Sendable (_ runtime: String, _ model: String) throws(VisionError) -> any PictureDetector

    /// A model that could not be loaded is tried again after this.
    static let patience: Duration = .seconds(30)

    /// What is taken first where no model is named: what finds most for what it costs.
    private static let preference = ["yolox_tiny", "yolox_nano", "yolox_s"]

    /// One model file; its lock is held while it is loaded.
    private final class Place: Sendable {
        struct State {
            weak var detector: (any PictureDetector)?
            var failure: (error: VisionError, at: MonotonicInstant)?
        }

        let state = Mutex(State())
    }

    private let load: Loader
    private let assets = Mutex(VisionAssets())
    /// By the paths of library and model.
    private let places = Mutex<[[String]: Place]>([:])

    init(
        load: @escaping Loader = { (runtime, model) throws(VisionError) in
            try ObjectDetector(
                model: model, threads: VisionDesk.threads, runtime: InferenceRuntime.load(runtime))
        }
    ) { self.load = load }

    /// Half of the cores: others decode and encode.
    private static var threads: Int { ProcessInfo.processInfo.activeProcessorCount / 2 }

    /// What there is from now on. What is gone is forgotten: what comes back in its place may be another one.
    func use(_ assets: VisionAssets) {
        self.assets.withLock { $0 = assets }
        let paths = Set(assets.models.values)
        places.withLock { places in
            places = places.filter { $0.key[0] == assets.runtime && paths.contains($0.key[1]) }
        }
    }

    /// - Parameter modelID: empty for whatever is installed.
    /// - Returns: the model's id, and the model. Blocks while it is loaded.
    func detector(
        _ modelID: String, now: MonotonicInstant = .now
    ) throws(VisionError)
        -> (id: String, detector: any PictureDetector)
    {
        let assets = assets.withLock { $0 }
        guard let runtime = assets.runtime else { throw .runtimeMissing }
        guard let id = Self.installed(modelID, assets), let path = assets.models[id] else {
            throw .modelMissing(modelID)
        }
        let place = places.withLock { places in
            let place = places[[runtime, path]] ?? Place()
            places[[runtime, path]] = place
            return place
        }
        let detector = try place.state.withLock { (state) throws(VisionError) -> any PictureDetector in
            if let detector = state.detector { return detector }
            if let failure = state.failure, failure.at.duration(to: now) < Self.patience { throw failure.error }
            do throws(VisionError) {
                let detector = try load(runtime, path)
                state = Place.State(detector: detector)
                return detector
            } catch {
                state.failure = (error, now)
                throw error
            }
        }
        return (id, detector)
    }

    private static func installed(_ modelID: String, _ assets: VisionAssets) -> String? {
        if assets.models[modelID] != nil { return modelID }
        guard modelID.isEmpty || modelID == VisionDetectConfig.referenceModel else { return nil }
        return preference.first { assets.models[$0] != nil } ?? assets.models.keys.min()
    }
}

extension VisionError {
    static let runtimeMissing = VisionError(
        CodedMessage(
            "vision_runtime_missing",
            "Nothing is detected: ONNX Runtime is not installed. Install it in the settings, under Detection."))

    static func modelMissing(_ id: String) -> VisionError {
        id.isEmpty || id == VisionDetectConfig.referenceModel
            ? VisionError(
                CodedMessage(
                    "vision_without_model",
                    "Nothing is detected: no model is installed. Install one in the settings, under Detection."))
            : VisionError(
                CodedMessage(
                    "vision_model_missing",
                    "Nothing is detected: the model '\(id)' is not installed. Install it in the settings, under Detection.",
                    ["model": .string(id)]))
    }
}
