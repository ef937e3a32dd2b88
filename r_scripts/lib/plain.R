# What may leave R: NULL, logical, integer, double, text, factors, dates, and lists and data frames of these. All other
# attributes (model frames, panel indices, classes of a package) are taken off, so that an answer holds only numbers
# and names. Anything else is an error that says where it sits.

bridge_plain <- function(x, where) {
  if (is.null(x)) return(NULL)
  if (inherits(x, "integer64")) stop(where, " is a 64-bit integer of package bit64; return a double", call. = FALSE)
  if (is.factor(x)) {
    return(structure(as.integer(x), levels = enc2utf8(levels(x)), class = intersect(class(x), c("ordered", "factor"))))
  }
  if (inherits(x, "Date")) return(structure(as.double(x), class = "Date"))
  if (is.list(x)) return(bridge_list(x, where))
  if (!is.logical(x) && !is.integer(x) && !is.double(x) && !is.character(x)) {
    stop(where, " is of type ", typeof(x), "; return plain vectors and lists", call. = FALSE)
  }
  shape <- dim(x)
  names <- if (is.null(shape)) names(x)
  x <- as.vector(unclass(x))
  if (is.character(x)) x <- enc2utf8(x)
  attributes(x) <- NULL
  if (!is.null(shape)) dim(x) <- shape
  if (!is.null(names)) names(x) <- enc2utf8(names)
  x
}

bridge_list <- function(x, where) {
  labels <- names(x)
  rows <- if (is.data.frame(x)) nrow(x)
  x <- unclass(x)
  places <- paste0(where, if (is.null(labels)) paste0("[[", seq_along(x), "]]") else paste0("$", labels))
  out <- lapply(seq_along(x), function(i) bridge_plain(x[[i]], places[i]))
  if (!is.null(labels)) names(out) <- enc2utf8(labels)
  if (!is.null(rows)) out <- structure(out, row.names = .set_row_names(rows), class = "data.frame")
  out
}
