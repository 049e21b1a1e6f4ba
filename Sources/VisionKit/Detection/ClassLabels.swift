internal import Foundation
internal import StreamModel

/// What the classes of a model are called.
struct ClassLabels: Hashable, Sendable {
    private let names: [Int: String]

    private static let lengthLimit = 64
    private static let noteLimit = 1 << 18

    /// - Parameters:
    ///   - note: what the model's author has noted in its file: a list, or an object by number, as JSON or as Python writes it.
    ///   - classCount: nil where it is not known before the model has run.
    init(note: String?, classCount: Int?) {
        if let note, note.utf8.count <= Self.noteLimit, let names = Self.read(note) {
            self.names = names
        } else if classCount == Self.coco.count {
            names = Dictionary(uniqueKeysWithValues: zip(0..., Self.coco))
        } else if classCount == nil || classCount == Self.cocoNumbers.count + 11 || classCount == 90 {
            // RF-DETR counts as the data set does, which has gaps; those that tell labels alone are of either kind.
            let numbers = classCount == nil ? Array(0..<Self.coco.count) : Self.cocoNumbers
            names = Dictionary(uniqueKeysWithValues: zip(numbers, Self.coco))
        } else {
            names = [:]
        }
    }

    /// A class without a name is called by its number: nothing is made up.
    subscript(index: Int) -> String { names[index] ?? "class \(index)" }

    private static func read(_ note: String) -> [Int: String]? {
        if let json = try? JSONValue(parsing: Data(note.utf8)) {
            if let list = json.arrayValue {
                return checked(Dictionary(uniqueKeysWithValues: list.enumerated().map { ($0, $1.stringValue ?? "") }))
            }
            guard let members = json.objectValue else { return nil }
            let pairs = members.compactMap { key, value in Int(key).map { ($0, value.stringValue ?? "") } }
            return checked(Dictionary(pairs) { first, _ in first })
        }
        // {0: 'person', 1: "dog's"}
        var names: [Int: String] = [:]
        var number = ""
        var text: String?
        var quote: Character?
        for character in note {
            if let open = quote {
                if character == open {
                    if let index = Int(number) ?? (number.isEmpty ? names.count : nil) { names[index] = text }
                    (quote, text, number) = (nil, nil, "")
                } else {
                    text?.append(character)
                }
            } else if character == "'" || character == "\"" {
                (quote, text) = (character, "")
            } else if character.isASCII, character.isNumber {
                number.append(character)
            }
        }
        return checked(names)
    }

    private static func checked(_ names: [Int: String]) -> [Int: String]? {
        let usable = names.filter { index, name in
            (0..<DetectionHead.classLimit).contains(index) && !name.isEmpty && name.utf8.count <= lengthLimit
                && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        }
        return usable.isEmpty ? nil : usable
    }

    /// The 80 classes of COCO that models know, in their order.
    static let coco = [
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
        "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
        "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
        "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
        "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
        "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
        "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone",
        "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear",
        "hair drier", "toothbrush",
    ]

    /// Their numbers in the data set, where eleven are missing.
    static let cocoNumbers: [Int] = {
        let missing: Set = [12, 26, 29, 30, 45, 66, 68, 69, 71, 83]
        return (1...90).filter { !missing.contains($0) }
    }()
}
