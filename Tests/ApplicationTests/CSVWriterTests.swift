import Application
import Commerce
import Testing

struct CSVWriterTests {
  @Test func nestedMembersHaveColumnsOfTheirOwn() {
    let writer = CSVWriter(columns: ["a", "b.x", "b.y"])
    #expect(writer.header == "a,b.x,b.y\r\n")
    #expect(writer.line(["b": ["y": 2, "x": 1], "a": "one", "c": 3]) == "one,1,2\r\n")
    #expect(writer.line(["a": "two", "b": nil]) == "two,,\r\n")
  }

  @Test func objectsAndArraysAreJSONText() {
    let writer = CSVWriter(columns: ["a", "b"])
    #expect(writer.line(["a": [1, 2], "b": ["x": true]]) == "\"[1,2]\",\"{\"\"x\"\":true}\"\r\n")
  }

  @Test func cellsThatASpreadsheetWouldRunAreDisarmed() {
    let writer = CSVWriter(columns: ["a"])
    #expect(writer.line(["a": "=1+1"]) == "'=1+1\r\n")
    #expect(writer.line(["a": "-5"]) == "-5\r\n")
  }

  @Test func quotesCommasAndLineBreaksAreQuoted() {
    #expect(CSVWriter(columns: ["a"]).line(["a": "x,\"y\"\nz"]) == "\"x,\"\"y\"\"\nz\"\r\n")
  }
}
