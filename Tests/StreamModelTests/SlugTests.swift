import StreamModel
import Testing

@Suite("Slugs (contract A.1 and G)")
struct SlugTests {
    @Test(
        "fold text to what a path may hold",
        arguments: [
            ("Front Door", "front-door"), ("a/b.c", "a-b-c"), ("---", "fallback"), ("..//", "fallback"),
            ("Garagé 1", "garage-1"), ("  Größe_2 ", "grosse_2"), ("摄像头", "fallback"), ("摄像头 3", "3"), ("a  b", "a--b"),
            ("_x_", "x"), ("Łódź", "lodz"), ("", "fallback"),
        ])
    func folding(text: String, slug: String) {
        #expect(Slug.make(text, fallback: "fallback") == slug)
    }
}
