import Application
import Commerce
import Foundation
import Hummingbird
import Ingestion
import NIOCore

/// Files in, and how good the data are.
struct ImportRoutes {
  let server: LodeServer
  private static let previewLimit = 1 << 20

  func add(to api: RouterGroup<LodeRequestContext>) {
    api.post("imports") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      let query = request.query
      let mapping = try query.text("mapping", maximumLength: 64 << 10)
      let kind = try query.choice("kind", of: Mapping.Kind.self) ?? .events
      let file = try shop.newUpload(named: try query.text("filename", maximumLength: 255) ?? "upload.csv")
      try await save(request.body, to: file, limit: server.configuration.uploadLimit)
      let job = try await shop.submitImport(of: file, kind: kind, mapping: mapping)
      return answer(job.json, status: .accepted)
    }
    api.post("imports/preview") { request, context in
      try context.require(.operate)
      let shop = try await server.shop(context)
      let kind = try request.query.choice("kind", of: Mapping.Kind.self)
      let file = try shop.newUpload(
        named: try request.query.text("filename", maximumLength: 255) ?? "upload.csv")
      defer { try? FileManager.default.removeItem(at: file.deletingLastPathComponent()) }
      try await save(request.body, to: file, limit: Self.previewLimit + (64 << 10))
      return answer(try await shop.preview(file, kind: kind))
    }
    api.get("imports") { request, context in
      try context.require(.read)
      return try answer(try await server.shop(context).imports(page: try request.query.page()), to: request)
    }
    api.get("data-quality") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).dataQuality())
    }
    api.post("dead-letters/{dead_letter_id}/replay") { request, context in
      try context.require(.operate)
      var request = request
      let id = Int64(try ModelRoutes.integer("dead_letter_id", of: context))
      let body = try await request.json()
      guard body == .null || body.object != nil, body["raw"].map({ $0.string != nil || $0 == .null }) ?? true
      else {
        throw ApplicationError.invalidParameter(
          name: "body", value: nil, expected: "nothing, or {\"raw\": \"the row put right\"}")
      }
      return answer(try await server.shop(context).replayDeadLetter(id, raw: body["raw"]?.string))
    }
  }

  /// Writes a body to a file as it comes in; removes the file when it is too large or breaks off.
  private func save(_ body: RequestBody, to file: URL, limit: Int) async throws {
    do {
      guard FileManager.default.createFile(atPath: file.path, contents: nil) else {
        throw Problem(.serviceUnavailable, "Storage unavailable", detail: "The upload cannot be kept.")
      }
      let handle = try FileHandle(forWritingTo: file)
      defer { try? handle.close() }
      var length = 0
      for try await part in body {
        length += part.readableBytes
        guard length <= limit else { throw ApplicationError.tooLarge(limitBytes: limit) }
        try handle.write(contentsOf: Data(part.readableBytesView))
      }
      guard length > 0 else {
        throw ApplicationError.invalidParameter(name: "body", value: nil, expected: "the file's bytes")
      }
      try handle.synchronize()
    } catch {
      try? FileManager.default.removeItem(at: file.deletingLastPathComponent())
      throw error
    }
  }
}
