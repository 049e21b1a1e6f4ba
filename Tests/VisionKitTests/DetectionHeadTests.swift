import StreamModel
import Testing

@testable import VisionKit

struct DetectionHeadTests {
    private static let cells = 64 + 16 + 4
    private static let input = TensorPort(name: "images", element: .float, shape: [1, 3, 64, 64])

    private func port(_ name: String, _ shape: Int..., element: TensorPort.Element = .float) -> TensorPort {
        TensorPort(name: name, element: element, shape: shape)
    }

    private func yolox(_ values: [Float]) throws -> [Candidate] {
        let (head, input) = try DetectionHead.recognise([Self.input], [port("output", 1, Self.cells, 7)])
        return try head.candidates(
            in: [OutputTensor(values: values)], of: input, content: (64, 32), threshold: 0.3)
    }

    @Test func aCellOfYOLOXIsABox() throws {
        var values = [Float](repeating: 0, count: Self.cells * 7)
        // Of the second grid (stride 16), column 1 and row 0: a box of 16×8 around (24, 8).
        let cell = (64 + 1) * 7
        values.replaceSubrange(cell..<cell + 7, with: [0.5, 0.5, 0, -0.6931472, 0.9, 0.1, 0.8])
        let found = try #require(yolox(values).first)
        #expect(found.classIndex == 1)
        #expect(abs(found.score - 0.72) < 1e-5)
        #expect(abs(found.box.left - 16.0 / 64) < 1e-5 && abs(found.box.right - 32.0 / 64) < 1e-5)
        #expect(abs(found.box.top - 4.0 / 32) < 1e-5 && abs(found.box.bottom - 12.0 / 32) < 1e-5)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, -1, 1e20])
    func whatMakesNoSenseIsNoBox(number: Float) throws {
        var found = try yolox([Float](repeating: number, count: Self.cells * 7))
        for place in 0..<7 {
            var cell: [Float] = [0.5, 0.5, 0, 0, 0.9, 0.1, 0.8]
            cell[place] = number
            found += try yolox((0..<Self.cells).flatMap { _ in cell })
        }
        for candidate in found {
            #expect(candidate.score >= 0.3 && candidate.score <= 1)
            #expect((0...1).contains(candidate.box.left) && (0...1).contains(candidate.box.bottom))
            #expect(candidate.box.left < candidate.box.right && candidate.box.top < candidate.box.bottom)
        }
        #expect(found.distinct(overlap: 0.5, limit: 32).count <= 32)
    }

    @Test func anotherNumberOfValuesIsAnError() {
        #expect(throws: VisionError.self) { try yolox([]) }
        #expect(throws: VisionError.self) { try yolox([Float](repeating: 1, count: 83 * 7)) }
    }

    @Test func headsAreKnownByWhatTheyGive() throws {
        #expect(try DetectionHead.recognise([Self.input], [port("o", 1, 84, 85)]).0 == .yolox(classes: 80))
        #expect(try DetectionHead.recognise([Self.input], [port("o", -1, -1, 6)]).0 == .yolox(classes: 1))
        let (rfdetr, input) = try DetectionHead.recognise(
            [Self.input], [port("dets", 1, 300, 4), port("labels", 1, 300, 91)])
        #expect(rfdetr == .boxesAndLikelihoods(boxes: 0, likelihoods: 1, classes: 91))
        #expect(input.order == .redGreenBlue && input.fit == .stretch && input.channels[0].offset < -2)
        let (rtdetr, plain) = try DetectionHead.recognise(
            [Self.input], [port("logits", 1, 300, 80), port("pred_boxes", 1, 300, 4)])
        #expect(rtdetr == .boxesAndLikelihoods(boxes: 1, likelihoods: 0, classes: 80))
        #expect(plain.channels[0] == .unit)
        let sizes = port("orig_target_sizes", 1, 2, element: .int64)
        let dfine = try DetectionHead.recognise(
            [Self.input, sizes],
            [port("labels", 1, 300, element: .int64), port("boxes", 1, 300, 4), port("scores", 1, 300)]
        ).0
        #expect(dfine == .labelledBoxes(labels: 0, boxes: 1, scores: 2))
    }

    @Test(arguments: [
        [TensorPort(name: "o", element: .float, shape: [1, 1000])],
        // YOLOv8: the other way round.
        [TensorPort(name: "o", element: .float, shape: [1, 84, 8400])],
        [TensorPort(name: "o", element: .float, shape: [1, 85, 85])],
        [TensorPort(name: "o", element: .float, shape: [1, 84, 5])],
        [TensorPort(name: "o", element: .int64, shape: [1, 84, 85])],
        [],
    ])
    func othersAreRefusedWithASentence(outputs: [TensorPort]) {
        #expect {
            try DetectionHead.recognise([Self.input], outputs)
        } throws: {
            ($0 as? VisionError)?.message.code == "vision_model_kind"
        }
    }

    @Test(arguments: [[1, 3, 31, 64], [1, 3, 64, 4096], [2, 3, 64, 64], [1, 1, 64, 64], [3, 64, 64], []])
    func whatTakesNoPictureIsRefused(shape: [Int]) {
        #expect(throws: VisionError.self) {
            try DetectionHead.recognise(
                [TensorPort(name: "i", element: .float, shape: shape)], [port("o", 1, 84, 85)])
        }
    }

    @Test func likelihoodsAndLabelsAreRead() throws {
        let (head, input) = try DetectionHead.recognise(
            [Self.input], [port("dets", 1, 2, 4), port("labels", 1, 2, 3)])
        let found = try head.candidates(
            in: [
                OutputTensor(values: [0.5, 0.5, 0.2, 0.4, .nan, 0, 1, 1]),
                OutputTensor(values: [-5, 2, 1, 9, 9, 9]),
            ], of: input, content: (64, 64), threshold: 0.5)
        #expect(found.map(\.classIndex) == [1])
        #expect(abs(found[0].score - 0.880797) < 1e-5 && abs(found[0].box.left - 0.4) < 1e-5)
        let (labelled, size) = try DetectionHead.recognise(
            [Self.input, port("s", 1, 2, element: .int64)],
            [port("labels", 1, 3), port("boxes", 1, 3, 4), port("scores", 1, 3)])
        let things = try labelled.candidates(
            in: [
                OutputTensor(values: [7, -1, 1e30]),
                OutputTensor(values: [0, 16, 32, 64, 0, 0, 9, 9, 0, 0, 9, 9]),
                OutputTensor(values: [0.9, 0.9, 0.9]),
            ], of: size, content: (64, 64), threshold: 0.5)
        #expect(things.map(\.classIndex) == [7])
        #expect(things[0].box.right == 0.5 && things[0].box.top == 0.25)
    }

    @Test func ofThoseThatCoverTheSameTheBestStays() throws {
        func candidate(_ index: Int, _ score: Float, _ left: Float) throws -> Candidate {
            let box = try #require(CornerBox(left: left, top: 0.1, right: left + 0.2, bottom: 0.5))
            return Candidate(classIndex: index, score: score, box: box)
        }
        let all = try [
            candidate(0, 0.5, 0.1), candidate(0, 0.9, 0.11), candidate(1, 0.6, 0.1), candidate(0, 0.4, 0.5),
        ]
        #expect(all.distinct(overlap: 0.6, limit: 32).map(\.score) == [0.9, 0.6, 0.4])
        #expect(all.distinct(overlap: 0.6, limit: 2).map(\.score) == [0.9, 0.6])
        #expect(all.distinct(overlap: 0.99, limit: 32).count == 4)
    }

    @Test func classesAreCalledAsTheFileSays() {
        #expect(ClassLabels(note: nil, classCount: 80)[0] == "person")
        #expect(ClassLabels(note: nil, classCount: 80)[79] == "toothbrush")
        #expect(ClassLabels(note: nil, classCount: 91)[1] == "person")
        #expect(ClassLabels(note: nil, classCount: 91)[90] == "toothbrush")
        #expect(ClassLabels(note: nil, classCount: 91)[12] == "class 12")
        #expect(ClassLabels(note: nil, classCount: nil)[2] == "car")
        #expect(ClassLabels(note: nil, classCount: 3)[2] == "class 2")
        // One character, and many bytes.
        let long = "a" + String(repeating: "\u{301}", count: 1000)
        #expect(ClassLabels(note: "{0: '\(long)', 1: 'dog'}", classCount: 80)[0] != long)
        #expect(ClassLabels(note: "{0: 'cat', 1: \"dog's\"}", classCount: 80)[1] == "dog's")
        #expect(ClassLabels(note: #"{"0": "cat", "3": "dog"}"#, classCount: 80)[3] == "dog")
        #expect(ClassLabels(note: #"["cat", "dog"]"#, classCount: 80)[1] == "dog")
        #expect(ClassLabels(note: "['cat', 'dog']", classCount: 80)[1] == "dog")
        for note in ["", "{", "{0: 'cat", "99999999999999999999: 'x'", "[1]", String(repeating: "'", count: 9999)] {
            #expect(ClassLabels(note: note, classCount: 80)[0] == "person")
        }
    }
}
