import Application
import Commerce
import Foundation
import Hummingbird
import Testing

struct ImportRouteTests {
  private let orders =
    "event_id,kind,customer_id,item_id,timestamp\n1,purchase,ann,tea,2024-05-01T10:00:00Z\n"

  /// Waits for a job's end through its stream of events.
  private func outcome(_ accepted: Answer, _ server: TestServer) async throws -> JSONValue {
    let id = try #require(accepted.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    return try await server.get("/v1/jobs/\(id)").json
  }

  @Test func anUploadedFileIsImportedAndItsEventsShow() async throws {
    let server = try await TestServer()
    let accepted = try await server.post("/v1/imports?kind=events&filename=orders.csv", orders)
    #expect(accepted.status == 202)
    let job = try await outcome(accepted, server)
    #expect(job["status"] == "succeeded", "\(job.json)")
    #expect(try await server.get("/v1/shop").json["events"] == 1)
    #expect(try await server.get("/v1/customers").json["items"]?.array?.first?["customer_id"] == "ann")
    #expect(try await server.get("/v1/imports").json["total"] == 1)
  }

  @Test(arguments: ["colour\nred\n", "\u{0}\u{1}\u{2}"])
  func aFileThatCannotBeReadFailsItsJobWithoutTellingWhereItLies(text: String) async throws {
    let server = try await TestServer()
    let job = try await outcome(try await server.post("/v1/imports?filename=orders.csv", text), server)
    #expect(job["status"] == "failed")
    let error = try #require(job["error"]?.string)
    #expect(error.hasPrefix("orders.csv"), "\(error)")
    #expect(!error.contains(server.workspace.dataDirectory.path))
  }

  @Test func anEmptyFileIsRefused() async throws {
    let server = try await TestServer()
    for path in ["/v1/imports", "/v1/imports/preview"] {
      let answer = try await server.post(path)
      #expect(answer.status == 400)
      #expect(answer.json["field"] == "body")
    }
    #expect(try await server.get("/v1/jobs").json["total"] == 0)
  }

  @Test(arguments: [
    ("/v1/imports?kind=events&filename=a.csv", 1 << 40, 413), ("/v1/imports/preview", 10 << 20, 413),
    ("/v1/imports?kind=events&filename=a.csv", 1 << 60, 503),
  ])
  func aFileForWhichThereIsNoRoomIsRefusedBeforeItComes(path: String, length: Int, status: Int) async throws {
    let server = try await TestServer { if length == 1 << 60 { $0.uploadLimit = .max } }
    let (body, source) = RequestBody.makeStream()
    defer { source.finish() }
    let answer = try await server.send(.post, path, body: body, headers: ["Content-Length": "\(length)"])
    #expect(answer.status == status, "\(answer.text)")
    #expect((answer[header: "Retry-After"] != nil) == (status == 503))
    let left = try? FileManager.default.contentsOfDirectory(
      atPath: server.workspace.dataDirectory.appendingPathComponent("default/uploads").path)
    #expect(left?.isEmpty ?? true)
  }

  @Test func aPreviewNamesEveryColumnAndWhatItIsTakenFor() async throws {
    let server = try await TestServer()
    let good = try await server.post("/v1/imports/preview?filename=orders.csv", orders)
    #expect(good.status == 200)
    #expect(good.json["rows"]?.array?.count == 1)
    let strange = try await server.post("/v1/imports/preview?filename=x.csv", "colour,size\nred,3\n")
    #expect(strange.status == 200)
    #expect(strange.json["mapping"] == .null)
    let columns = try #require(strange.json["columns"]?.array)
    #expect(columns.map { $0["name"] } == ["colour", "size"])
    #expect(columns.allSatisfy { $0["field"] != nil })
    #expect(strange.json["problems"]?.array?.isEmpty == false)
    #expect(try await server.get("/v1/imports").json["total"] == 0)
  }

  @Test func aPreviewTakesColumnsAsItIsTold() async throws {
    let server = try await TestServer()
    let text = "who,moment,what\nann,2024-05-01T10:00:00Z,tea\n"
    func preview(_ fields: String) async throws -> Answer {
      try await server.post("/v1/imports/preview?filename=x.csv&kind=events&fields=\(encoded(fields))", text)
    }
    let told = try await preview(
      #"{"timestamp":"moment","customer_id":"who","order_id":"who","item_id":"what","quantity":null}"#)
    #expect(told.status == 200, "\(told.text)")
    #expect(told.json["native"] == false)
    #expect(told.json["mapping"]?.string?.contains("column: moment") == true, "\(told.text)")
    #expect(told.json["rows"]?.array?.first?["customer_id"] == "ann")
    for wrong in ["[]", "{", #"{"timestamp":1}"#, #"{"timestamp":"nowhere"}"#, #"{"nothing":"who"}"#] {
      #expect(try await preview(wrong).status == 400, "\(wrong)")
    }
  }

  @Test(arguments: [
    "../../etc/passwd", "/etc/passwd", "..", "", "a\u{0}b.csv", String(repeating: "名", count: 255),
  ])
  func anyNameOfAFileIsTakenAsANameAlone(name: String) async throws {
    let server = try await TestServer()
    let answer = try await server.post("/v1/imports/preview?filename=\(encoded(name))", orders)
    #expect(answer.status == 200, "\(answer.text)")
  }

  @Test func aDeadLetterPutRightIsTakenIn() async throws {
    let server = try await TestServer()
    _ = try await server.post("/v1/events", "{\"event_id\":\"1\"}")
    for body in ["[]", "7", "{\"raw\":7}", "{"] {
      #expect(try await server.post("/v1/dead-letters/1/replay", body).status == 400)
    }
    #expect(try await server.post("/v1/dead-letters/1/replay").json["status"] == "rejected")
    let fixed: JSONValue = ["raw": .string(eventJSON("1"))]
    #expect(try await server.post("/v1/dead-letters/1/replay", fixed.json).json["status"] == "replayed")
    #expect(try await server.get("/v1/shop").json["events"] == 1)
    #expect(try await server.get("/v1/dead-letters").json["items"]?.array?.first?["status"] == "replayed")
    #expect(try await server.post("/v1/dead-letters/9/replay").status == 404)
  }
}
