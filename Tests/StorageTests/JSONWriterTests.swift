import Commerce
import Testing

@Suite("JSON written piece by piece")
struct JSONWriterTests {
  @Test func readsAsTheValueThatIsMeant() throws {
    var writer = JSONWriter()
    writer.object {
      $0.member("text", "a \"quote\"\n\u{1}, 「字」")
      $0.member("nothing", nil as String?)
      $0.member("number", 0.1)
      $0.member("infinite", Double.infinity)
      $0.member("whole", 7)
      $0.member("value", ["x": [1, 2]])
      $0.object("empty") { _ in }
      $0.array("rows", [[1.5], []]) { writer, row in
        writer.object { $0.array("cells", row) { $0.write($1) } }
      }
    }
    let expected: JSONValue = [
      "text": "a \"quote\"\n\u{1}, 「字」", "nothing": nil, "number": 0.1, "infinite": nil, "whole": 7,
      "value": ["x": [1, 2]], "empty": [:], "rows": [["cells": [1.5]], ["cells": []]],
    ]
    #expect(try JSONValue(json: writer.bytes) == expected)
  }
}
