# Asks an endpoint with the package SPARQL, and by address; writes what came as tab-separated lines.
#   Rscript asked.R ENDPOINT QUERY BROKEN
given <- commandArgs(trailingOnly = TRUE)
suppressPackageStartupMessages(library(SPARQL))
said <- function(...) cat(..., sep = "\t", fill = FALSE)

utf8 <- list(.encoding = "UTF-8") # RCurl finds the charset only in a header written "Content-Type"
rows <- SPARQL(given[1], given[2], curl_args = utf8)$results
for (n in seq_len(nrow(rows))) { said("SPARQL", rows$project[n], rows$title[n]); cat("\n") }

csv <- SPARQL(given[1], given[2], format = "csv", extra = list(format = "csv"), curl_args = utf8)$results
for (n in seq_len(nrow(csv))) { said("csv", csv$project[n], csv$title[n]); cat("\n") }

address <- paste0(given[1], "?format=csv&query=", URLencode(given[2], reserved = TRUE))
table <- read.csv(url(address), encoding = "UTF-8")
for (n in seq_len(nrow(table))) { said("read.csv", table$project[n], table$title[n]); cat("\n") }

address <- paste0(given[1], "?format=csv&query=", URLencode(given[3], reserved = TRUE))
failed <- tryCatch({ read.csv(url(address)); "no" }, error = function(e) "yes")
said("broken", failed); cat("\n")
