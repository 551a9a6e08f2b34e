import Application
import Commerce
import Hummingbird
import NIOCore
import ServiceLifecycle
import Storage

/// How the shop runs: jobs and dead letters.
struct OperationRoutes {
  let server: LodeServer

  func add(to api: RouterGroup<LodeRequestContext>) {
    addJobs(to: api)
    addDeadLetters(to: api)
    api.get("shop") { _, context in
      try context.require(.read)
      return answer(
        try await server.shop(context).facts(roles: context.caller.role.map { [$0.rawValue] } ?? []))
    }
    api.get("overview") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).overview())
    }
  }

  private func addJobs(to api: RouterGroup<LodeRequestContext>) {
    api.get("jobs") { request, context in
      try context.require(.read)
      let shop = try await server.shop(context)
      let list = Listing(whole: "jobs") { try await shop.jobs(page: $0) }
      return try await answer(list, columns: CSVColumns.jobs, to: request)
    }
    api.get("jobs/{job_id}") { _, context in
      try context.require(.read)
      return answer(try await server.shop(context).jobs.job(try context.parameter("job_id")).json)
    }
    api.post("jobs/{job_id}/cancel") { _, context in
      try context.require(.operate)
      return answer(try await server.shop(context).jobs.cancel(try context.parameter("job_id")).json)
    }
    api.get("jobs/{job_id}/events") { _, context in
      try context.require(.read)
      let states = try await server.shop(context).jobs.watch(try context.parameter("job_id"))
      return Response(
        status: .ok, headers: [.contentType: "text/event-stream"],
        body: .init { writer in
          // Ended by a shutdown too: a stream that waits for its job would hold the server up for as long as that takes.
          for try await job in states.cancelOnGracefulShutdown() {
            let event = job.isOver ? "end" : "progress"
            let data = String(decoding: job.json.serialized, as: UTF8.self)
            try await writer.write(ByteBuffer(string: "event: \(event)\ndata: \(data)\n\n"))
          }
          try await writer.finish(nil)
        })
    }
  }

  private func addDeadLetters(to api: RouterGroup<LodeRequestContext>) {
    api.get("dead-letters") { request, context in
      try context.require(.read)
      let query = request.query
      let (status, stage): (DeadLetter.Status?, DeadLetter.Stage?) = (
        try query.choice("status"), try query.choice("stage")
      )
      let shop = try await server.shop(context)
      let list = Listing("dead-letters") {
        try await shop.deadLetters(status: status, stage: stage, page: $0)
      }
      return try await answer(list, columns: CSVColumns.deadLetters, to: request)
    }
    api.post("dead-letters/{dead_letter_id}/discard") { _, context in
      try context.require(.operate)
      let id = Int64(try ModelRoutes.integer("dead_letter_id", of: context))
      return answer(try await server.shop(context).discardDeadLetter(id))
    }
  }
}
