/// The part of a picture that fills a frame of another shape: as much as fits, from its middle.
///
/// What would cost less than a hundredth of a side is not cut off: the picture is stretched over it.
struct CoverGeometry: Sendable, Hashable {
    let x: Int
    let y: Int
    let width: Int
    let height: Int

    /// Nil when all of the picture is shown. Places and sizes are even, as half as many chroma samples need it.
    ///
    /// - Parameter sampleAspectRatio: the shape of the source's samples; those of the target are square.
    init?(
        sourceWidth: Int, sourceHeight: Int, sampleAspectRatio: SampleAspectRatio, targetWidth: Int, targetHeight: Int
    ) {
        let aspect =
            Double(targetWidth) / Double(targetHeight) * Double(sampleAspectRatio.height)
            / Double(sampleAspectRatio.width)
        width = Self.side(Double(sourceHeight) * aspect, limit: sourceWidth)
        height = Self.side(Double(sourceWidth) / aspect, limit: sourceHeight)
        guard width < sourceWidth || height < sourceHeight else { return nil }
        x = (sourceWidth - width) / 2 & ~1
        y = (sourceHeight - height) / 2 & ~1
    }

    private static func side(_ side: Double, limit: Int) -> Int {
        Double(limit) - side < Double(limit) / 100 ? limit : max(Int(side.rounded()) & ~1, 2)
    }
}
