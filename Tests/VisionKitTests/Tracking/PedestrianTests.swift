import Foundation
import StreamModel
import Testing

@testable import VisionKit

/// Real pedestrians, whose boxes are known, found as badly as a detector finds them. Benchmarks/tracking.py makes the files: others may not pass
/// them on.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.folder.appending(path: "tracking").path)))
struct PedestrianTests {
    private struct Sequence: Decodable {
        struct Score: Decodable {
            var idf1: Double
            var mota: Double
        }

        var width: Double
        var height: Double
        /// Pictures a second.
        var rate: Double
        /// Of each: picture, number, left, top, width, height.
        var truth: [[Double]]
        /// Of each: picture, percents of the score, left, top, width, height.
        var detections: [[Double]]
        /// What SORT made of them, like `truth`.
        var sort: [[Double]]
        /// How good that is, by motmetrics.
        var score: Score

        func box(_ row: [Double]) -> PictureBox {
            PictureBox(
                left: row[2] / width, top: row[3] / height, right: (row[2] + row[4]) / width,
                bottom: (row[3] + row[5]) / height)
        }

        func pictures(_ rows: [[Double]]) -> [TrackingScore.Picture] {
            var pictures = [TrackingScore.Picture](repeating: [:], count: Int(truth.map { $0[0] }.max() ?? 0))
            for row in rows { pictures[Int(row[0]) - 1][Int(row[1])] = box(row) }
            return pictures
        }
    }

    @Test(arguments: ["TUD-Campus", "TUD-Stadtmitte"], TrackingMethod.allCases)
    func moreAreKnownAgainThanWithSORT(name: String, method: TrackingMethod) throws {
        let file = Fixtures.folder.appending(path: "tracking/\(name).json")
        let sequence = try JSONDecoder().decode(Sequence.self, from: Data(contentsOf: file))
        let truth = sequence.pictures(sequence.truth)
        let sort = TrackingScore(sequence.pictures(sequence.sort), truth: truth)
        #expect(abs(sort.idf1 - sequence.score.idf1) < 0.002 && abs(sort.mota - sequence.score.mota) < 0.002)
        var tracker = ObjectTracker(method, closeAfter: .seconds(4))
        let start = ContinuousClock.now
        var known: [TrackingScore.Picture] = []
        let byPicture = Dictionary(grouping: sequence.detections) { Int($0[0]) - 1 }
        for picture in truth.indices {
            let detections = (byPicture[picture] ?? []).map { row in
                Detection(label: "person", labelID: 0, score: row[1] / 100, box: sequence.box(row), modelID: "m")
            }
            tracker.update(detections, at: start + .seconds(Double(picture) / sequence.rate))
            known.append(
                Dictionary(
                    uniqueKeysWithValues: tracker.tracks.filter { $0.state == .confirmed }
                        .map { ($0.number, $0.detection.box) }))
        }
        let score = TrackingScore(known, truth: truth)
        #expect(score.idf1 > sort.idf1 + 0.05, "\(score.idf1), SORT \(sort.idf1)")
        #expect(score.mota > sort.mota, "\(score.mota), SORT \(sort.mota)")
    }
}
