/// A rectangle in samples of one plane.
struct PlaneRectangle: Equatable {
    var x: Int
    var y: Int
    var width: Int
    var height: Int

    func intersection(width limitX: Int, height limitY: Int) -> PlaneRectangle {
        let left = min(max(x, 0), limitX)
        let top = min(max(y, 0), limitY)
        return PlaneRectangle(
            x: left, y: top, width: max(min(x + width, limitX) - left, 0), height: max(min(y + height, limitY) - top, 0)
        )
    }
}

/// A writable plane of 8-bit samples, lent for the time of a call. Drawing is clipped to it.
@safe struct Plane {
    let data: UnsafeMutablePointer<UInt8>
    let stride: Int
    let width: Int
    let height: Int

    func fill(with value: UInt8) {
        fill(PlaneRectangle(x: 0, y: 0, width: width, height: height), with: value)
    }

    func fill(_ rectangle: PlaneRectangle, with value: UInt8) {
        let clipped = rectangle.intersection(width: width, height: height)
        guard clipped.width > 0 else { return }
        for row in clipped.y..<clipped.y + clipped.height {
            unsafe (data + row * stride + clipped.x).update(repeating: value, count: clipped.width)
        }
    }

    /// Fills everything outside `inner`.
    func fill(around inner: PlaneRectangle, with value: UInt8) {
        let bottom = inner.y + inner.height
        let right = inner.x + inner.width
        fill(PlaneRectangle(x: 0, y: 0, width: width, height: inner.y), with: value)
        fill(PlaneRectangle(x: 0, y: bottom, width: width, height: height - bottom), with: value)
        fill(PlaneRectangle(x: 0, y: inner.y, width: inner.x, height: inner.height), with: value)
        fill(PlaneRectangle(x: right, y: inner.y, width: width - right, height: inner.height), with: value)
    }
}
