"""What whoever runs the room needs: its health, its numbers, retention, requests of data subjects."""
