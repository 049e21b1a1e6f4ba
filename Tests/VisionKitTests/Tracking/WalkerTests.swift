import StreamModel
import Testing

@testable import VisionKit

/// Made-up people who cross, stop and hide each other, found as badly as a detector finds them.
@Suite struct WalkerTests {
    /// It is better by little: below these, fewer are known again than before.
    @Test(arguments: [(TrackingMethod.simpleIoUKalman, 0.62, 0.72), (.byteTrack, 0.57, 0.675)])
    func mostAreKnownAgain(method: TrackingMethod, leastIDF1: Double, leastMOTA: Double) {
        var (idf1, mota) = (0.0, 0.0)
        let seeds = 1...8
        for seed in seeds {
            let walkers = Walkers(seed: UInt64(seed))
            let score = TrackingScore(walkers.known(by: method), truth: walkers.truth)
            idf1 += score.idf1 / Double(seeds.count)
            mota += score.mota / Double(seeds.count)
        }
        #expect(idf1 > leastIDF1 && mota > leastMOTA, "IDF1 \(idf1), MOTA \(mota)")
    }
}

/// Thirty seconds of a place where a dozen people walk.
private struct Walkers {
    private static let (people, pictures, rate) = (12, 300, 10.0)
    /// Found is what is not missed, which it often is in some of the next pictures, too; boxes are off by so much of their size.
    private static let (missed, thenMissed, jitter, phantoms) = (0.1, [0, 0, 1, 2, 4], 0.04, 0.1)

    private struct Person {
        var arrival: Double
        /// Parts of the picture a second, and to the left below 0.
        var speed: Double
        /// Seconds after the arrival.
        var stop: Double
        var pause: Double
        /// Whoever is lower is nearer and larger.
        var ground: Double

        init(_ random: inout SplitMix) {
            arrival = random.next() * 22
            speed = (0.06 + random.next() * 0.12) * (random.next() < 0.5 ? -1 : 1)
            stop = 1 + random.next() * 4
            pause = random.next() * 5
            ground = 0.55 + random.next() * 0.4
        }

        /// Nil while not there.
        func box(at time: Double) -> PictureBox? {
            let elapsed = time - arrival
            guard elapsed >= 0 else { return nil }
            let way = speed * (min(elapsed, stop) + max(elapsed - stop - pause, 0))
            let (x, height) = (speed > 0 ? way : 1 + way, ground * 0.45)
            guard (0...1).contains(x) else { return nil }
            return PictureBox(left: x - height / 6, top: ground - height, right: x + height / 6, bottom: ground)
        }
    }

    /// Of each picture, who is where.
    private(set) var truth: [TrackingScore.Picture] = []
    private var detections: [[Detection]] = []

    init(seed: UInt64) {
        var random = SplitMix(seed: seed)
        let people = (0..<Self.people).map { _ in Person(&random) }.sorted { $0.ground > $1.ground }
        var missed = [Int](repeating: 0, count: people.count)
        for picture in 0..<Self.pictures {
            let boxes = people.map { $0.box(at: Double(picture) / Self.rate) }
            truth.append(
                Dictionary(
                    uniqueKeysWithValues: boxes.enumerated().compactMap { index, box in box.map { (index, $0) } }))
            var found: [Detection] = []
            for (index, box) in boxes.enumerated() {
                guard let box else { continue }
                let isHidden = boxes[..<index].contains { $0.map { box.overlap(with: $0) > 0.5 } ?? false }
                if missed[index] > 0 {
                    missed[index] -= 1
                } else if random.next() < Self.missed {
                    missed[index] = Self.thenMissed[Int(random.next() * Double(Self.thenMissed.count))]
                } else if !isHidden {
                    found.append(Self.detection(of: box, &random))
                }
            }
            if random.next() < Self.phantoms {
                let (x, y) = (random.next() * 0.9, random.next() * 0.7)
                found.append(
                    Self.detection(of: PictureBox(left: x, top: y, right: x + 0.1, bottom: y + 0.3), &random))
            }
            detections.append(found)
        }
    }

    private static func detection(of box: PictureBox, _ random: inout SplitMix) -> Detection {
        /// About normal: the sum of four that are even.
        func offset(_ size: Double) -> Double {
            let sum = (0..<4).reduce(0.0) { sum, _ in sum + random.next() }
            return size * jitter * (sum - 2) * 1.7
        }
        return Detection(
            label: "person", labelID: 0, score: 0.3 + random.next() * 0.65,
            box: PictureBox(
                left: box.left + offset(box.width), top: box.top + offset(box.height),
                right: box.right + offset(box.width), bottom: box.bottom + offset(box.height)),
            modelID: "m")
    }

    func known(by method: TrackingMethod) -> [TrackingScore.Picture] {
        var tracker = ObjectTracker(method, closeAfter: .seconds(4))
        let start = ContinuousClock.now
        return detections.enumerated().map { picture, detections in
            tracker.update(detections, at: start + .seconds(Double(picture) / Self.rate))
            return Dictionary(
                uniqueKeysWithValues: tracker.tracks.filter { $0.state == .confirmed }
                    .map { ($0.number, $0.detection.box) })
        }
    }
}
