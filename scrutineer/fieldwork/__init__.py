"""From a caseload to answers: cases, the sample, the timetable, and the workbook that assessors fill in."""
