internal import Foundation

/// How a detector says what it has found; known by what it takes and gives.
enum DetectionHead: Hashable, Sendable {
    /// YOLOX as its authors export it: `[1, N, 5 + classes]`, a cell of three grids each.
    case yolox(classes: Int)
    /// RF-DETR, and RT-DETR and D-FINE as Transformers exports them: boxes `[1, N, 4]` and a likelihood for each class `[1, N, classes]`.
    case boxesAndLikelihoods(boxes: Int, likelihoods: Int, classes: Int)
    /// RT-DETR and D-FINE as their authors export them: labels, boxes and scores.
    case labelledBoxes(labels: Int, boxes: Int, scores: Int)

    static let strides = [8, 16, 32]
    static let sizeRange = 32...2048
    /// Of a model that takes any size.
    static let usualSize = 640
    static let classLimit = 2000

    /// - Throws: ``VisionError`` for a model of another kind.
    static func recognise(_ inputs: [TensorPort], _ outputs: [TensorPort]) throws(VisionError) -> (Self, PictureInput) {
        let size = try pictureSize(inputs)
        if outputs.count == 1, inputs.count == 1, let head = yolox(outputs[0], size) {
            let input = PictureInput(
                width: size.width, height: size.height, order: .blueGreenRed, fit: .letterbox(padding: 114),
                channels: [.asIs, .asIs, .asIs])
            return (head, input)
        }
        func place(_ names: String...) -> Int? {
            outputs.firstIndex { names.contains($0.name) && $0.element != .other }
        }
        func input(_ channels: [PictureInput.Channel]) -> PictureInput {
            PictureInput(
                width: size.width, height: size.height, order: .redGreenBlue, fit: .stretch, channels: channels)
        }
        let unit = [PictureInput.Channel](repeating: .unit, count: 3)
        if inputs.count == 2, let labels = place("labels"), let boxes = place("boxes"), let scores = place("scores") {
            return (.labelledBoxes(labels: labels, boxes: boxes, scores: scores), input(unit))
        }
        if inputs.count == 1, let boxes = place("dets", "pred_boxes"), let likelihoods = place("labels", "logits"),
            outputs[boxes].shape.last == 4, outputs[likelihoods].shape.count == 3,
            let classes = outputs[likelihoods].shape.last, (1...classLimit).contains(classes)
        {
            // RF-DETR wants what ImageNet's pictures have on average taken away, the others don't.
            let isNormalized = outputs[boxes].name == "dets"
            let channels: [PictureInput.Channel] =
                isNormalized
                ? [
                    .normalized(mean: 0.485, deviation: 0.229), .normalized(mean: 0.456, deviation: 0.224),
                    .normalized(mean: 0.406, deviation: 0.225),
                ] : unit
            return (.boxesAndLikelihoods(boxes: boxes, likelihoods: likelihoods, classes: classes), input(channels))
        }
        let given = outputs.map { "\($0.name.prefix(32)) \($0.shape)" }.joined(separator: ", ")
        throw .unknownModel("it gives \(given.prefix(160))")
    }

    /// Of a first input `[1, 3, height, width]`; the second may only be the size that boxes are to be told in.
    private static func pictureSize(_ inputs: [TensorPort]) throws(VisionError) -> (width: Int, height: Int) {
        guard let input = inputs.first, input.element == .float, input.shape.count == 4, abs(input.shape[0]) == 1,
            [3, -1].contains(input.shape[1]),
            inputs.count == 1 || (inputs.count == 2 && inputs[1].element == .int64 && inputs[1].shape.last == 2)
        else { throw .unknownModel("it takes no picture of three colours") }
        let (height, width) = (
            input.shape[2] < 0 ? usualSize : input.shape[2], input.shape[3] < 0 ? usualSize : input.shape[3]
        )
        guard sizeRange.contains(width), sizeRange.contains(height) else {
            throw .unknownModel("it takes pictures of \(width)×\(height)")
        }
        return (width, height)
    }

    private static func yolox(_ output: TensorPort, _ size: (width: Int, height: Int)) -> Self? {
        guard output.element == .float, output.shape.count == 3, abs(output.shape[0]) == 1,
            (6...classLimit + 5).contains(output.shape[2]), size.width % 32 == 0, size.height % 32 == 0,
            output.shape[1] < 0 || output.shape[1] == cellCount(size)
        else { return nil }
        return .yolox(classes: output.shape[2] - 5)
    }

    private static func cellCount(_ size: (width: Int, height: Int)) -> Int {
        strides.reduce(0) { $0 + (size.width / $1) * (size.height / $1) }
    }

    var classCount: Int? {
        switch self {
        case .yolox(let classes), .boxesAndLikelihoods(_, _, let classes): classes
        case .labelledBoxes: nil
        }
    }

    /// Whatever the model gives: what makes no sense is no candidate.
    ///
    /// - Parameters:
    ///   - content: the size of the picture in the model's input.
    ///   - threshold: candidates have this score at least.
    func candidates(
        in outputs: [OutputTensor], of input: PictureInput, content: (width: Int, height: Int), threshold: Float
    ) throws(VisionError) -> [Candidate] {
        switch self {
        case .yolox(let classes):
            try Self.readCells(outputs, classes, input, content, threshold)
        case .boxesAndLikelihoods(let boxes, let likelihoods, let classes):
            try Self.readLikelihoods(outputs[boxes], outputs[likelihoods], classes, threshold)
        case .labelledBoxes(let labels, let boxes, let scores):
            try Self.readLabels(outputs[labels], outputs[boxes], outputs[scores], input, threshold)
        }
    }

    private static let otherShape = VisionError.model("what it gives has another shape than it says")

    private static func readCells(
        _ outputs: [OutputTensor], _ classes: Int, _ input: PictureInput, _ content: (width: Int, height: Int),
        _ threshold: Float
    ) throws(VisionError) -> [Candidate] {
        let length = classes + 5
        guard let values = outputs.first?.values,
            values.count == cellCount((input.width, input.height)) * length
        else { throw otherShape }
        var candidates: [Candidate] = []
        var start = 0
        for stride in strides {
            for row in 0..<input.height / stride {
                for column in 0..<input.width / stride {
                    let cell = values[start..<start + length]
                    start += length
                    let presence = cell[cell.startIndex + 4]
                    // Also for what is no number.
                    guard presence >= threshold, let best = best(of: cell.dropFirst(5)) else { continue }
                    let score = min(presence * best.value, 1)
                    guard score >= threshold else { continue }
                    let (x, y, width, height) = (
                        cell[cell.startIndex], cell[cell.startIndex + 1], cell[cell.startIndex + 2],
                        cell[cell.startIndex + 3]
                    )
                    let size = (
                        x: Float(stride) / Float(content.width), y: Float(stride) / Float(content.height)
                    )
                    guard
                        let box = CornerBox(
                            centre: ((x + Float(column)) * size.x, (y + Float(row)) * size.y),
                            width: exp(width) * size.x, height: exp(height) * size.y)
                    else { continue }
                    candidates.append(Candidate(classIndex: best.index, score: score, box: box))
                }
            }
        }
        return candidates
    }

    private static func readLikelihoods(
        _ boxes: OutputTensor, _ likelihoods: OutputTensor, _ classes: Int, _ threshold: Float
    ) throws(VisionError) -> [Candidate] {
        let count = boxes.values.count / 4
        guard boxes.values.count == count * 4, likelihoods.values.count == count * classes else { throw otherShape }
        return (0..<count).compactMap { index in
            guard let best = best(of: likelihoods.values[index * classes..<(index + 1) * classes]) else { return nil }
            let score = 1 / (1 + exp(-best.value))
            let box = boxes.values[index * 4..<index * 4 + 4]
            let first = box.startIndex
            guard score >= threshold,
                let corners = CornerBox(
                    centre: (box[first], box[first + 1]), width: box[first + 2], height: box[first + 3])
            else { return nil }
            return Candidate(classIndex: best.index, score: score, box: corners)
        }
    }

    private static func readLabels(
        _ labels: OutputTensor, _ boxes: OutputTensor, _ scores: OutputTensor, _ input: PictureInput, _ threshold: Float
    ) throws(VisionError) -> [Candidate] {
        let count = labels.values.count
        guard scores.values.count == count, boxes.values.count == count * 4 else { throw otherShape }
        let (width, height) = (Float(input.width), Float(input.height))
        return (0..<count).compactMap { index in
            let (label, score) = (labels.values[index], scores.values[index])
            let box = boxes.values[index * 4..<index * 4 + 4]
            let first = box.startIndex
            guard score >= threshold, label >= 0, label < Float(classLimit),
                let corners = CornerBox(
                    left: box[first] / width, top: box[first + 1] / height, right: box[first + 2] / width,
                    bottom: box[first + 3] / height)
            else { return nil }
            return Candidate(classIndex: Int(label), score: min(score, 1), box: corners)
        }
    }

    /// The first of the greatest numbers, and its place; nil where none is a number.
    private static func best(of values: ArraySlice<Float>) -> (index: Int, value: Float)? {
        var best: (index: Int, value: Float)?
        for (index, value) in values.enumerated() where value > best?.value ?? -.infinity {
            best = (index, value)
        }
        return best
    }
}
