# The loop of an Rscript session: one line in on stdin (the number of a request), one marked line out on stdout.
#
#   R --file=worker.R --args LIB EXCHANGE MARK EXTRA
#
# LIB is the r_scripts folder, EXCHANGE the folder of request-N.rds and answer-N.rds, MARK a word that nothing else
# prints, EXTRA a further R file to source (tests) or "". Whatever else R prints on stdout is told apart by the mark.

local({
  given <- commandArgs(trailingOnly = TRUE)
  sys.source(file.path(given[1], "lib", "load.R"), envir = globalenv())
  parity_load(given[1], if (length(given) > 3) given[4] else "")
  requests <- file("stdin", open = "r")
  while (length(line <- readLines(requests, n = 1L)) == 1L) {
    parity_serve(given[2], as.integer(line))
    cat("\n", given[3], " ", line, "\n", sep = "")
    flush(stdout())
  }
})
quit(save = "no")
