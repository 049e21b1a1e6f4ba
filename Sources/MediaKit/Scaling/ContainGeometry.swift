/// Where a picture goes inside a frame of another shape: as big as fits, centred, with bars around it.
///
/// Bars that would take less than a hundredth of a side are not worth having: the picture is stretched over them.
public struct ContainGeometry: Sendable, Hashable {
    public let x: Int
    public let y: Int
    public let width: Int
    public let height: Int

    /// Sizes are rounded to the nearest pixel and centred by floor division, as in the reference (contract B.2), and
    /// then brought to even numbers because yuv420p has one chroma sample for two pixels.
    ///
    /// - Parameter sampleAspectRatio: the shape of the source's samples; those of the target are square.
    public init(
        sourceWidth: Int, sourceHeight: Int, sampleAspectRatio: SampleAspectRatio = .square, targetWidth: Int,
        targetHeight: Int
    ) {
        let source = (
            width: Double(max(sourceWidth, 1)) * Double(sampleAspectRatio.width) / Double(sampleAspectRatio.height),
            height: Double(max(sourceHeight, 1))
        )
        let scale = min(Double(targetWidth) / source.width, Double(targetHeight) / source.height)
        width = ContainGeometry.side(source.width * scale, limit: targetWidth)
        height = ContainGeometry.side(source.height * scale, limit: targetHeight)
        x = (targetWidth - width) / 2 & ~1
        y = (targetHeight - height) / 2 & ~1
    }

    /// All of a target of even sides.
    init(filling width: Int, _ height: Int) {
        (x, y) = (0, 0)
        (self.width, self.height) = (width, height)
    }

    /// A size that yuv420p can have: odd numbers are rounded up, and nothing is smaller than 2.
    public static func even(_ side: Int) -> Int {
        max((side + 1) & ~1, 2)
    }

    private static func side(_ side: Double, limit: Int) -> Int {
        guard Double(limit) - side >= Double(limit) / 100 else { return max(limit & ~1, 2) }
        let rounded = Int(side.rounded(.toNearestOrEven))
        let nearest = rounded & 1 == 0 ? rounded : (side <= Double(rounded) ? rounded - 1 : rounded + 1)
        return min(max(nearest, 2), max(limit & ~1, 2))
    }
}
