public import MediaKit
public import StreamModel
internal import Synchronization

/// A thing that a detector has found.
public struct DetectedObject: Hashable, Sendable {
    /// Such as `person`.
    public let label: String
    /// The number of its class in the model.
    public let classIndex: Int
    /// 0…1.
    public let score: Double
    public let box: PictureBox

    public init(label: String, classIndex: Int, score: Double, box: PictureBox) {
        self.label = label
        self.classIndex = classIndex
        self.score = score
        self.box = box
    }
}

/// What of a detector's findings counts.
public struct DetectionFilter: Hashable, Sendable {
    /// In lower case; empty for all.
    public var labels: Set<String>
    /// The least score, 0…1.
    public var threshold: Double
    /// Of two boxes of a class that overlap by more than this, the better one counts (intersection over union, 0…1).
    public var overlap: Double
    public var limit: Int

    public init(labels: Set<String> = [], threshold: Double = 0.4, overlap: Double = 0.6, limit: Int = 32) {
        self.labels = labels
        self.threshold = threshold
        self.overlap = overlap
        self.limit = limit
    }
}

/// A model that finds things in pictures. Whoever has it looks with it one after the other.
public final class ObjectDetector: Sendable {
    /// More threads make a picture hardly faster, and take from others what they need.
    public static let threadLimit = 4

    private struct State {
        let tensors: [InputTensor]
        var filler: PictureFiller
    }

    private let session: InferenceSession
    private let head: DetectionHead
    private let labels: ClassLabels
    private let state: Mutex<State>

    /// - Parameters:
    ///   - model: the path of an ONNX file.
    ///   - threads: that a picture is looked into with, ``threadLimit`` at most.
    public init(model: String, threads: Int, runtime: InferenceRuntime) throws(VisionError) {
        session = try InferenceSession(
            model, threads: min(max(threads, 1), Self.threadLimit), runtime: runtime)
        let input: PictureInput
        (head, input) = try DetectionHead.recognise(session.inputs, session.outputs)
        labels = ClassLabels(note: session.names, classCount: head.classCount)
        var tensors = [try InputTensor(.float, shape: [1, 3, input.height, input.width], runtime: runtime)]
        if session.inputs.count == 2 {
            let size = try InputTensor(.int64, shape: [1, 2], runtime: runtime)
            size.fill(with: [Int64(input.width), Int64(input.height)])
            tensors.append(size)
        }
        state = Mutex(State(tensors: tensors, filler: PictureFiller(input)))
    }

    /// The things in a picture, the surest first. Blocks for as long as it takes.
    ///
    /// - Throws: ``VisionError`` for a model that gives something else than it says, and for a picture that can't be read.
    public func detect(
        _ frame: VideoFrame, filter: DetectionFilter = DetectionFilter()
    ) throws(VisionError)
        -> [DetectedObject]
    {
        let candidates = try state.withLock { (state) throws(VisionError) -> [Candidate] in
            let tensor = state.tensors[0]
            guard let content = unsafe tensor.withFloats({ unsafe state.filler.fill($0, with: frame) }) else {
                throw .model("pictures of the kind \(frame.pixelFormat) can't be read")
            }
            return try head.candidates(
                in: session.run(state.tensors), of: state.filler.input, content: content,
                threshold: Float(filter.threshold))
        }
        let wanted = candidates.filter { filter.labels.isEmpty || filter.labels.contains(label(of: $0).lowercased()) }
        return wanted.distinct(overlap: Float(filter.overlap), limit: filter.limit).map { candidate in
            DetectedObject(
                label: label(of: candidate), classIndex: candidate.classIndex, score: Double(candidate.score),
                box: PictureBox(
                    left: Double(candidate.box.left), top: Double(candidate.box.top),
                    right: Double(candidate.box.right), bottom: Double(candidate.box.bottom)))
        }
    }

    private func label(of candidate: Candidate) -> String { labels[candidate.classIndex] }
}
