import Application
import Commerce
import Testing

struct CSVWriterTests {
  @Test func nestedMembersBecomeColumnsInOrderOfName() {
    let rows: [JSONValue] = [["b": ["y": 2, "x": 1], "a": "one"], ["a": "two"]]
    #expect(CSVWriter.table(rows) == "a,b.x,b.y\r\none,1,2\r\ntwo,,\r\n")
  }

  @Test func cellsThatASpreadsheetWouldRunAreDisarmed() {
    #expect(CSVWriter.table([["a": "=1+1"]]) == "a\r\n'=1+1\r\n")
    #expect(CSVWriter.table([["a": "-5"]]) == "a\r\n-5\r\n")
  }

  @Test func quotesCommasAndLineBreaksAreQuoted() {
    #expect(CSVWriter.table([["a": "x,\"y\"\nz"]]) == "a\r\n\"x,\"\"y\"\"\nz\"\r\n")
  }
}
