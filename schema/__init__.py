"""What a sheet, a row, a cell and an edit are; pure, imports nothing of ours."""
