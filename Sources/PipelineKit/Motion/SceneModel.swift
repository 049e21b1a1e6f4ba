/// What a camera shows when nothing moves, sample by sample, and what differs from it.
///
/// The arithmetic is of 16 bits and without branches where all samples are gone through, so that a compiler makes vectors of it.
struct SceneModel: Sendable {
    /// A sample that differs by no more never moves, and one that differs by more than the other always does.
    private static let thresholds: ClosedRange<UInt16> = 10...40
    /// So many times the mean noise is no noise.
    private static let noiseFactor: UInt16 = 5
    /// The noise of which that makes the highest threshold.
    private static let noiseLimit = (thresholds.upperBound << 8) / noiseFactor
    /// What noise is taken for at first, in 1/256 of a level.
    private static let firstNoise: UInt16 = 2 << 8
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
    private var noise: [UInt16]
    /// What a sample that moves has been for how long.
    private var candidate: [UInt8]
    private var age: [UInt16]
    /// Of the picture that was compared last: what it differs, and whether that is more than noise (1 or 0).
    private var difference: [Int16]
    private var isDifferent: [UInt8]
    private var despeckler: Despeckler
    /// For how long there has been a background, in seconds.
    private var knownFor = 0.0

    init(_ picture: LumaPicture) {
        width = picture.width
        height = picture.height
        let count = picture.samples.count
        background = picture.samples.map { UInt16($0) << 8 }
        noise = [UInt16](repeating: Self.firstNoise, count: count)
        candidate = picture.samples
        age = [UInt16](repeating: 0, count: count)
        difference = [Int16](repeating: 0, count: count)
        isDifferent = [UInt8](repeating: 0, count: count)
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
        let light = LightChange(from: background, to: picture.samples)
        var (changed, changedWithLight) = (0, 0)
        // In bounds: all of them have as many elements as the picture, because it fits, and rows are parts of them.
        unsafe picture.samples.withUnsafeBufferPointer { samples in
            unsafe background.withUnsafeBufferPointer { background in
                unsafe noise.withUnsafeBufferPointer { noise in
                    unsafe difference.withUnsafeMutableBufferPointer { difference in
                        unsafe isDifferent.withUnsafeMutableBufferPointer { isDifferent in
                            for start in stride(from: 0, to: samples.count, by: width) {
                                let row = start..<start + width
                                let (samples, background) = unsafe (
                                    UnsafeBufferPointer(rebasing: samples[row]),
                                    UnsafeBufferPointer(rebasing: background[row])
                                )
                                let noise = unsafe UnsafeBufferPointer(rebasing: noise[row])
                                let apart = unsafe UnsafeMutableBufferPointer(rebasing: difference[row])
                                let marks = unsafe UnsafeMutableBufferPointer(rebasing: isDifferent[row])
                                // Without the light first: what is kept is the other.
                                unsafe Self.subtract(background, from: samples, in: LightChange(), into: apart)
                                changedWithLight += unsafe Self.mark(apart, beyond: noise, into: marks)
                                unsafe Self.subtract(background, from: samples, in: light, into: apart)
                                changed += unsafe Self.mark(apart, beyond: noise, into: marks)
                            }
                        }
                    }
                }
            }
        }
        let count = Double(picture.samples.count)
        return Comparison(changed: Double(changed) / count, changedWithLight: Double(changedWithLight) / count)
    }

    /// What a row differs from its background in that light.
    private static func subtract(
        _ background: UnsafeBufferPointer<UInt16>, from samples: UnsafeBufferPointer<UInt8>, in light: LightChange,
        into difference: UnsafeMutableBufferPointer<Int16>
    ) {
        let (offset, slope, pivot) = (light.offset, light.slope, light.pivot)
        for x in 0..<samples.count {
            let level = unsafe Int16(truncatingIfNeeded: background[x] >> 8)
            let lit = level &+ offset &+ ((level &- pivot) &* slope) >> 8
            unsafe difference[x] = Int16(samples[x]) &- min(max(lit, 0), 255)
        }
    }

    /// Marks what differs by more than its noise explains.
    ///
    /// - Returns: how many samples do.
    private static func mark(
        _ difference: UnsafeMutableBufferPointer<Int16>, beyond noise: UnsafeBufferPointer<UInt16>,
        into marks: UnsafeMutableBufferPointer<UInt8>
    ) -> Int {
        // A row has no more samples than 16 bits count.
        var count: UInt16 = 0
        for x in 0..<difference.count {
            let apart = unsafe difference[x]
            let noisy = unsafe (min(noise[x], noiseLimit) &* noiseFactor) >> 8
            let isApart: UInt16 = UInt16(bitPattern: max(apart, 0 &- apart)) > max(noisy, thresholds.lowerBound) ? 1 : 0
            unsafe marks[x] = UInt8(truncatingIfNeeded: isApart)
            count &+= isApart
        }
        return Int(count)
    }

    /// How many of the samples that are looked at differ, without specks and without light that moves over the scene.
    mutating func movingSamples(of picture: LumaPicture, within isLookedAt: [UInt8]) -> Int {
        despeckler.clean(isDifferent, within: isLookedAt)
        let side = Self.cellSide
        var total = 0
        for top in stride(from: 0, to: height, by: side) {
            for left in stride(from: 0, to: width, by: side) {
                let (rows, columns) = (top..<min(top + side, height), left..<min(left + side, width))
                let count = despeckler.count(rows: rows, columns: columns)
                if count > 0, !isOnlyLight(picture, rows: rows, columns: columns) { total += count }
            }
        }
        return total
    }

    /// The side of the squares in which texture is compared.
    private static let cellSide = 8
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
                let before = Int(background[y * width + x] >> 8)
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
        let older = UInt16(min(max(seconds * 100, 0), 1000).rounded())
        // In bounds: all of them have as many elements as the picture, because it fits.
        unsafe picture.samples.withUnsafeBufferPointer { samples in
            unsafe difference.withUnsafeBufferPointer { difference in
                unsafe isDifferent.withUnsafeBufferPointer { isDifferent in
                    unsafe background.withUnsafeMutableBufferPointer { background in
                        for index in samples.indices {
                            let level = unsafe Int32(background[index])
                            // Nothing of what moves.
                            let part = unsafe followed &* (1 &- Int32(isDifferent[index]))
                            let apart = unsafe Int32(samples[index]) << 8 &- level
                            unsafe background[index] = UInt16(truncatingIfNeeded: level &+ (apart &* part) >> 14)
                        }
                    }
                    unsafe noise.withUnsafeMutableBufferPointer { noise in
                        for index in samples.indices {
                            let before = unsafe Int32(noise[index])
                            let part = unsafe quiet &+ (moving &- quiet) &* Int32(isDifferent[index])
                            let apart = unsafe Int32(difference[index])
                            let size = min(max(apart, 0 &- apart), 64) << 8
                            unsafe noise[index] = UInt16(truncatingIfNeeded: before &+ ((size &- before) &* part) >> 14)
                        }
                    }
                }
            }
        }
        knownFor += seconds
        let patience = knownFor < Self.learning ? Self.absorptionAtFirst : Self.absorption
        absorb(picture, older: older, after: UInt16(patience * 100))
    }

    /// - Parameters:
    ///   - older: by how much what stays has become older, in hundredths of a second.
    ///   - patience: the age from which on it belongs to the scene.
    private mutating func absorb(_ picture: LumaPicture, older: UInt16, after patience: UInt16) {
        for index in picture.samples.indices {
            guard isDifferent[index] != 0 else {
                if age[index] != 0 { age[index] = 0 }
                continue
            }
            let sample = picture.samples[index]
            let apart = abs(Int16(sample) - Int16(candidate[index]))
            guard apart <= Self.steadiness + Int16(noise[index] >> 8) else {
                candidate[index] = sample
                age[index] = 0
                continue
            }
            age[index] += older
            guard age[index] >= patience else { continue }
            background[index] = UInt16(sample) << 8
            noise[index] = Self.firstNoise
            age[index] = 0
        }
    }

    /// The part of a difference that is made up for in a time, in 1/16384: products of it and a difference fit into 32 bits.
    private static func share(_ seconds: Double, of constant: Double) -> Int32 {
        Int32((min(max(seconds / constant, 0), 1) * 16384).rounded())
    }

    /// Takes the picture for the background.
    mutating func learnAnew(_ picture: LumaPicture) {
        knownFor = 0
        for index in picture.samples.indices {
            background[index] = UInt16(picture.samples[index]) << 8
            age[index] = 0
        }
    }
}
