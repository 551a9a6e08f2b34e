import Commerce
import Hummingbird
import Testing

/// What a shop's jobs do when nothing stands in for their work.
struct ShopJobTests {
  /// The end of a job as its stream tells it.
  private func end(ofJob answer: Answer, on server: TestServer) async throws -> JSONValue {
    #expect(answer.status == 202, "\(answer.text)")
    let id = try #require(answer.json["job_id"]?.string)
    _ = try await server.get("/v1/jobs/\(id)/events")
    return try await server.get("/v1/jobs/\(id)").json
  }

  @Test func anUploadedFileIsTakenIn() async throws {
    let server = try await TestServer()
    var file = "event_id,kind,customer_id,item_id,timestamp\n"
    for id in 1...39 { file += "\(id),view,ann,tea,2024-05-01T10:00:00Z\n" }
    file += "40,view,ann,tea,noon\n"
    let job = try await end(ofJob: try await server.post("/v1/imports?filename=views.csv", file), on: server)
    #expect(job["status"] == "succeeded", "\(job)")
    #expect(job["result"]?["stored"] == 39)
    #expect(job["result"]?["rejected"] == 1)
    #expect(try await server.get("/v1/shop").json["events"] == 39)
  }

  @Test func aFileOfALongChineseNameIsTakenIn() async throws {
    let server = try await TestServer()
    let name = encoded(String(repeating: "订单", count: 60) + ".csv")
    let file = "event_id,kind,customer_id,item_id,timestamp\n1,view,ann,tea,2024-05-01T10:00:00Z\n"
    let job = try await end(ofJob: try await server.post("/v1/imports?filename=\(name)", file), on: server)
    #expect(job["status"] == "succeeded", "\(job)")
  }

  @Test func aFileThatCannotBeReadFailsItsJobWithAReason() async throws {
    let server = try await TestServer()
    let job = try await end(ofJob: try await server.post("/v1/imports?filename=a.csv", "\n\n"), on: server)
    #expect(job["status"] == "failed")
    #expect(job["error"] == "a.csv: the file is empty; expected a header.")
  }

  @Test func tooLittleDataFailATrainingWithAReason() async throws {
    let server = try await TestServer()
    _ = try await server.post("/v1/events", eventJSON("1"))
    let job = try await end(ofJob: try await server.post("/v1/training"), on: server)
    #expect(job["status"] == "failed")
    #expect(job["error"]?.string?.hasPrefix("There is too little data to train anything.") == true, "\(job)")
  }
}
