/// What a camera shows when nothing moves, sample by sample, and what differs from it.
///
/// The arithmetic is of 8 and 16 bits and without branches where all samples are gone through, so that a compiler makes vectors of
/// it.
struct SceneModel: Sendable {
    /// A sample that differs by no more never moves, and one that differs by more than the other always does.
    private static let thresholds: ClosedRange<Int16> = 10...40
    /// So many times the mean noise is no noise.
    private static let noiseFactor: Int16 = 5
    /// The noise of which that makes the highest threshold.
    private static let noiseLimit = (thresholds.upperBound << 8) / noiseFactor
    /// What noise is taken for at first, in 1/256 of a level.
    private static let firstNoise: Int16 = 2 << 8
    /// How fast the background follows what differs little, in seconds.
    private static let backgroundSeconds = 10.0
    /// How fast the noise of a sample follows, in seconds: while it is quiet, and while it moves (leaves, water).
    private static let noiseSeconds = (quiet: 5.0, moving: 60.0)
    /// What differs but stays as it is for so long belongs to the scene from then on: a car that has parked. Slow things cover a
    /// place for a shorter time.
    private static let absorption = 15.0
    /// The same while the scene has been known for less than ``learning``: what was in the first picture may have left since.
    private static let absorptionAtFirst = 0.6
    private static let learning = 2.0
    /// Levels by which something that stays may flicker, beside its noise.
    private static let steadiness: Int16 = 4

    private let width: Int
    private let height: Int
    /// In 1/256 of a level, as is the noise: the mean of what a sample differs from the background.
    private var background: [UInt16]
    private var noise: [Int16]
    /// The background in whole levels, and by how many of them a sample may differ from it before that is more than noise.
    private var level: [UInt8]
    private var threshold: [UInt8]
    /// What a sample that moves has been for how long.
    private var candidate: [UInt8]
    private var age: [UInt16]
    /// Of the picture that was compared last: what it differs, whether that is more than noise (1 or 0), and for how many of a row.
    private var difference: [UInt8]
    private var isDifferent: [UInt8]
    private var differentInRow: [Int]
    private var despeckler: Despeckler
    /// For how long there has been a background, in seconds.
    private var knownFor = 0.0

    init(_ picture: LumaPicture) {
        width = picture.width
        height = picture.height
        let count = picture.samples.count
        background = picture.samples.map { UInt16($0) << 8 }
        noise = [Int16](repeating: Self.firstNoise, count: count)
        level = picture.samples
        threshold = [UInt8](repeating: UInt8(Self.threshold(of: Self.firstNoise)), count: count)
        candidate = picture.samples
        age = [UInt16](repeating: 0, count: count)
        difference = [UInt8](repeating: 0, count: count)
        isDifferent = [UInt8](repeating: 0, count: count)
        differentInRow = [Int](repeating: 0, count: height)
        despeckler = Despeckler(width: width, height: height)
    }

    func fits(_ picture: LumaPicture) -> Bool { (width, height) == (picture.width, picture.height) }

    /// How much of a picture differs from the background.
    struct Comparison: Equatable {
        /// With the light of the whole picture taken into account.
        var changed: Double
        /// Without.
        var changedWithLight: Double

        /// Most of the picture is another one: all of it, or its light in a way that is not explained.
        var isUpheaval: Bool { changed > 0.5 || (changedWithLight > 0.7 && !isCalm) }
        var isCalm: Bool { changed <= 0.1 }
    }

    /// Finds what differs from the background.
    mutating func compare(_ picture: LumaPicture) -> Comparison {
        let light = LightChange(from: level, to: picture.samples)
        // Without the light first: what is kept is the other.
        let changedWithLight = mark(picture, in: LightChange())
        let changed = light.isNone ? changedWithLight : mark(picture, in: light)
        let count = Double(picture.samples.count)
        return Comparison(changed: Double(changed) / count, changedWithLight: Double(changedWithLight) / count)
    }

    /// Marks what differs from the background in that light by more than noise explains.
    ///
    /// - Returns: how many samples do.
    private mutating func mark(_ picture: LumaPicture, in light: LightChange) -> Int {
        var total = 0
        // In bounds: all of them have as many elements as the picture, because it fits, and rows are parts of them.
        unsafe picture.samples.withUnsafeBufferPointer { samples in
            unsafe level.withUnsafeBufferPointer { level in
                unsafe threshold.withUnsafeBufferPointer { threshold in
                    unsafe difference.withUnsafeMutableBufferPointer { difference in
                        unsafe isDifferent.withUnsafeMutableBufferPointer { isDifferent in
                            for y in 0..<height {
                                let row = y * width..<(y + 1) * width
                                let apart = unsafe UnsafeMutableBufferPointer(rebasing: difference[row])
                                unsafe Self.subtract(
                                    UnsafeBufferPointer(rebasing: level[row]),
                                    from: UnsafeBufferPointer(rebasing: samples[row]), in: light, into: apart)
                                differentInRow[y] = unsafe Self.mark(
                                    apart, beyond: UnsafeBufferPointer(rebasing: threshold[row]),
                                    into: UnsafeMutableBufferPointer(rebasing: isDifferent[row]))
                                total += differentInRow[y]
                            }
                        }
                    }
                }
            }
        }
        return total
    }

    /// By how much a row differs from its background in that light.
    private static func subtract(
        _ background: UnsafeBufferPointer<UInt8>, from samples: UnsafeBufferPointer<UInt8>, in light: LightChange,
        into difference: UnsafeMutableBufferPointer<UInt8>
    ) {
        if light.isNone {
            for x in 0..<samples.count {
                let (now, before) = unsafe (samples[x], background[x])
                unsafe difference[x] = max(now, before) &- min(now, before)
            }
        } else {
            let (offset, slope, pivot) = (light.offset, light.slope, light.pivot)
            for x in 0..<samples.count {
                let level = unsafe Int16(background[x])
                let lit = level &+ offset &+ ((level &- pivot) &* slope) &>> 8
                let apart = unsafe Int16(samples[x]) &- min(max(lit, 0), 255)
                unsafe difference[x] = UInt8(truncatingIfNeeded: max(apart, 0 &- apart))
            }
        }
    }

    /// Marks what differs by more than its noise explains.
    ///
    /// - Returns: how many samples do.
    private static func mark(
        _ difference: UnsafeMutableBufferPointer<UInt8>, beyond threshold: UnsafeBufferPointer<UInt8>,
        into marks: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        // A row has no more samples than 16 bits count.
        var count: UInt16 = 0
        for x in 0..<difference.count {
            let isApart: UInt8 = unsafe difference[x] > threshold[x] ? 1 : 0
            unsafe marks[x] = isApart
            count &+= UInt16(isApart)
        }
        return Int(count)
    }

    /// What of the samples that are looked at differs, without specks and without light that moves over the scene: in squares.
    mutating func movingSquares(of picture: LumaPicture, within isLookedAt: [UInt8]) -> [Despeckler.Square] {
        despeckler.clean(isDifferent, rows: differentInRow, within: isLookedAt)
        let side = Despeckler.side
        var squares: [Despeckler.Square] = []
        for top in stride(from: 0, to: height, by: side) {
            let bottom = min(top + side, height)
            guard differentInRow[top..<bottom].contains(where: { $0 > 0 }) else { continue }
            for left in stride(from: 0, to: width, by: side) {
                guard let square = despeckler.square(top: top, left: left) else { continue }
                if !isOnlyLight(picture, rows: top..<bottom, columns: left..<min(left + side, width)) {
                    squares.append(square)
                }
            }
        }
        return squares
    }

    /// Less texture than this, as a variance in square levels, says nothing.
    private static let leastTexture = 36.0
    /// From this correlation on, it is the same texture.
    private static let sameTexture = 0.95

    /// Whether a square shows the background's texture, only brighter or darker.
    private func isOnlyLight(_ picture: LumaPicture, rows: Range<Int>, columns: Range<Int>) -> Bool {
        var (sum, sumBefore, squares, squaresBefore, products) = (0, 0, 0, 0, 0)
        for y in rows {
            for x in columns {
                let now = Int(picture.samples[y * width + x])
                let before = Int(level[y * width + x])
                sum += now
                sumBefore += before
                squares += now * now
                squaresBefore += before * before
                products += now * before
            }
        }
        let count = rows.count * columns.count
        let variance = Double(count * squares - sum * sum)
        let varianceBefore = Double(count * squaresBefore - sumBefore * sumBefore)
        let covariance = Double(count * products - sum * sumBefore)
        let least = Self.leastTexture * Double(count * count)
        return varianceBefore >= least && variance >= least && covariance > 0
            && covariance * covariance >= Self.sameTexture * Self.sameTexture * variance * varianceBefore
    }

    // MARK: Learning

    /// Follows the picture that was compared last: noise and background where it is quiet, and where it moves, what stays as it is.
    mutating func learn(_ picture: LumaPicture, elapsed: Duration) {
        let seconds = elapsed / .seconds(1)
        let followed = Self.share(seconds, of: Self.backgroundSeconds)
        let quiet = Self.share(seconds, of: Self.noiseSeconds.quiet)
        let moving = Self.share(seconds, of: Self.noiseSeconds.moving)
        // In bounds: all of them have as many elements as the picture, because it fits.
        unsafe picture.samples.withUnsafeBufferPointer { samples in
            unsafe isDifferent.withUnsafeBufferPointer { isDifferent in
                unsafe background.withUnsafeMutableBufferPointer { background in
                    unsafe level.withUnsafeMutableBufferPointer { level in
                        for index in samples.indices {
                            let before = unsafe background[index]
                            // Nothing of what moves. In halves, which fit into 16 bits with a sign.
                            let part = unsafe followed & (Int16(isDifferent[index]) &- 1)
                            let apart = unsafe Int16(samples[index]) &<< 7 &- Int16(truncatingIfNeeded: before &>> 1)
                            let after = before &+ UInt16(bitPattern: Self.part(2 &* part, of: apart))
                            unsafe background[index] = after
                            unsafe level[index] = UInt8(truncatingIfNeeded: after &>> 8)
                        }
                    }
                }
                unsafe difference.withUnsafeBufferPointer { difference in
                    unsafe noise.withUnsafeMutableBufferPointer { noise in
                        unsafe threshold.withUnsafeMutableBufferPointer { threshold in
                            for index in samples.indices {
                                let before = unsafe noise[index]
                                let isQuiet = unsafe Int16(isDifferent[index]) &- 1
                                let part = (quiet & isQuiet) | (moving & ~isQuiet)
                                let size = unsafe Int16(min(difference[index], 64)) &<< 8
                                let after = before &+ Self.part(part, of: size &- before)
                                unsafe noise[index] = after
                                unsafe threshold[index] = UInt8(truncatingIfNeeded: Self.threshold(of: after))
                            }
                        }
                    }
                }
            }
        }
        knownFor += seconds
        let patience = knownFor < Self.learning ? Self.absorptionAtFirst : Self.absorption
        let older = UInt16(min(max(seconds * 100, 0), 1000).rounded())
        // In bounds: as above. Most rows show nothing that moves.
        unsafe age.withUnsafeMutableBufferPointer { age in
            unsafe isDifferent.withUnsafeBufferPointer { isDifferent in
                for index in age.indices { unsafe age[index] &= 0 &- UInt16(isDifferent[index]) }
            }
        }
        for y in 0..<height where differentInRow[y] > 0 {
            absorb(picture, y * width..<(y + 1) * width, older: older, after: UInt16(patience * 100))
        }
    }

    /// - Parameters:
    ///   - older: by how much what stays has become older, in hundredths of a second.
    ///   - patience: the age from which on it belongs to the scene.
    private mutating func absorb(_ picture: LumaPicture, _ row: Range<Int>, older: UInt16, after patience: UInt16) {
        for index in row where isDifferent[index] != 0 {
            let sample = picture.samples[index]
            let apart = abs(Int16(sample) - Int16(candidate[index]))
            guard apart <= Self.steadiness + noise[index] >> 8 else {
                candidate[index] = sample
                age[index] = 0
                continue
            }
            age[index] += older
            if age[index] >= patience { begin(at: index, with: sample) }
        }
    }

    /// What a sample is becomes its background.
    private mutating func begin(at index: Int, with sample: UInt8) {
        background[index] = UInt16(sample) << 8
        level[index] = sample
        noise[index] = Self.firstNoise
        threshold[index] = UInt8(Self.threshold(of: Self.firstNoise))
        age[index] = 0
    }

    /// The part of a difference that is made up for in a time, in 1/65536; so small that the double of it fits into 16 bits with a sign.
    private static func share(_ seconds: Double, of constant: Double) -> Int16 {
        Int16((min(max(seconds / constant, 0), 0.24) * 65536).rounded())
    }

    @inline(__always)
    private static func part(_ share: Int16, of difference: Int16) -> Int16 {
        Int16(truncatingIfNeeded: (Int32(share) &* Int32(difference)) &>> 16)
    }

    /// What a noise explains, in levels.
    @inline(__always)
    private static func threshold(of noise: Int16) -> Int16 {
        max((min(noise, noiseLimit) &* noiseFactor) &>> 8, thresholds.lowerBound)
    }

    /// Takes the picture for the background.
    mutating func learnAnew(_ picture: LumaPicture) {
        knownFor = 0
        level = picture.samples
        for index in picture.samples.indices {
            background[index] = UInt16(picture.samples[index]) << 8
            age[index] = 0
        }
    }
}
