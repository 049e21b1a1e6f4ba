@testable import MediaKit

/// A picture of rectangles on grey ground.
struct Drawn {
    struct Thing {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        let colour: YUVColour
    }

    static let ground = YUVColour(y: 110, u: 128, v: 128)
    static let red = YUVColour(y: 63, u: 102, v: 240)
    static let blue = YUVColour(y: 32, u: 240, v: 118)

    static func frame(width: Int, height: Int, _ things: [Thing] = []) throws -> VideoFrame {
        let pool = try FramePool(width: width, height: height)
        return try Canvas.picture(from: pool, presentationTime: nil, captureTime: .now) { canvas in
            canvas.fill(PlaneRectangle(x: 0, y: 0, width: width, height: height), with: ground)
            for thing in things {
                canvas.fill(
                    PlaneRectangle(x: thing.x, y: thing.y, width: thing.width, height: thing.height), with: thing.colour
                )
            }
        }
    }
}
