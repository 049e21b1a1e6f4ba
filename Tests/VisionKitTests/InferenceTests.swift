import Foundation
import StreamModel
import Testing

@testable import MediaKit
@testable import VisionKit

@Suite(.timeLimit(.minutes(2)))
struct InferenceTests {
    private struct Picture: Decodable {
        struct Found: Decodable {
            let label: String
            let score: Double
            let box: [Double]
        }

        let width: Int
        let height: Int
        let things: [[Int]]
        let found: [Found]

        func frame() throws -> VideoFrame {
            let things = things.map { thing in
                Drawn.Thing(
                    x: thing[0], y: thing[1], width: thing[2], height: thing[3],
                    colour: thing[4] == Int(Drawn.red.y) ? Drawn.red : Drawn.blue)
            }
            return try Drawn.frame(width: width, height: height, things)
        }
    }

    private func pictures() throws -> [Picture] {
        let file = Fixtures.folder.appending(path: "blobs.json")
        return try JSONDecoder().decode([Picture].self, from: Data(contentsOf: file))
    }

    @Test(.enabled(if: InstalledRuntime.path != nil))
    func itFindsWhatPythonFinds() throws {
        let detector = try ObjectDetector(model: Fixtures.blobs, threads: 2, runtime: InstalledRuntime.load())
        for picture in try pictures() {
            let found = try detector.detect(picture.frame(), filter: DetectionFilter(threshold: 0.3))
            #expect(found.map(\.label) == picture.found.map(\.label))
            for (thing, expected) in zip(found, picture.found) {
                #expect(abs(thing.score - expected.score) < 0.01)
                let (width, height) = (Double(picture.width), Double(picture.height))
                let box = [
                    thing.box.left * width, thing.box.top * height, thing.box.right * width, thing.box.bottom * height,
                ]
                for (edge, wanted) in zip(box, expected.box) { #expect(abs(edge - wanted) < 2) }
            }
        }
    }

    @Test(.enabled(if: InstalledRuntime.path != nil))
    func onlyWantedLabelsCount() throws {
        let detector = try ObjectDetector(model: Fixtures.blobs, threads: 1, runtime: InstalledRuntime.load())
        let frame = try #require(try pictures().first).frame()
        func labels(_ filter: DetectionFilter) throws -> [String] {
            try detector.detect(frame, filter: filter).map(\.label)
        }
        #expect(try labels(DetectionFilter()) == ["blue thing", "red thing"])
        #expect(try labels(DetectionFilter(labels: ["red thing"])) == ["red thing"])
        #expect(try labels(DetectionFilter(threshold: 0.78)) == ["blue thing"])
        #expect(try labels(DetectionFilter(limit: 1)) == ["blue thing"])
    }

    @Test(.enabled(if: InstalledRuntime.path != nil))
    func severalMayAskAtOnce() async throws {
        let detector = try ObjectDetector(model: Fixtures.blobs, threads: 1, runtime: InstalledRuntime.load())
        let pictures = try pictures()
        try await withThrowingTaskGroup { group in
            for picture in pictures {
                group.addTask {
                    let found = try detector.detect(picture.frame(), filter: DetectionFilter(threshold: 0.3))
                    #expect(found.count == picture.found.count)
                }
            }
            try await group.waitForAll()
        }
    }

    @Test(.enabled(if: InstalledRuntime.path != nil))
    func theLibraryIsLoadedOnce() throws {
        let runtime = try InstalledRuntime.load()
        #expect(try InstalledRuntime.load() === runtime)
        #expect(runtime.version.hasPrefix("1."))
    }

    /// Cut short, filled with other bytes, empty: an error each time, with a sentence.
    @Test(.enabled(if: InstalledRuntime.path != nil))
    func brokenFilesAreErrors() throws {
        let runtime = try InstalledRuntime.load()
        let whole = try Data(contentsOf: URL(filePath: Fixtures.blobs))
        let file = FileManager.default.temporaryDirectory.appending(path: "broken-\(UUID().uuidString).onnx")
        defer { try? FileManager.default.removeItem(at: file) }
        var broken = [Data(), Data("no model".utf8), whole.prefix(whole.count / 2), whole.prefix(20)]
        for place in stride(from: 0, to: whole.count, by: whole.count / 24) {
            var data = whole
            for index in place..<min(place + 16, data.count) { data[index] = 0xFF }
            broken.append(data)
        }
        let frame = try Drawn.frame(width: 64, height: 64)
        var errors = 0
        for data in broken {
            try data.write(to: file)
            do {
                // Where only a number or a name has changed, it may run.
                _ = try ObjectDetector(model: file.path(percentEncoded: false), threads: 1, runtime: runtime).detect(
                    frame)
            } catch {
                errors += 1
                #expect(["vision_model_unusable", "vision_model_kind"].contains(error.message.code))
                #expect(!error.message.text.contains("\n"))
            }
        }
        #expect(errors >= 4)
    }

    @Test func whatIsMissingIsAnError() throws {
        for path in ["/nowhere/libonnxruntime.so", Fixtures.blobs, "libz.so.1"] {
            #expect {
                try InferenceRuntime.load(path)
            } throws: {
                ($0 as? VisionError)?.message.code == "vision_runtime_unusable"
            }
        }
        guard InstalledRuntime.path != nil else { return }
        #expect {
            try ObjectDetector(model: "/nowhere.onnx", threads: 1, runtime: InstalledRuntime.load())
        } throws: {
            ($0 as? VisionError)?.message.code == "vision_model_unusable"
        }
    }
}
